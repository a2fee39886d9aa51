#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace depcache::client {

// `line` without colour codes.
std::string WithoutColours(std::string_view line);

// Takes out of cargo's standard error what it says about compiles that our
// wrapper refused, and nothing else: the line "could not compile `x`" of a
// refused package with its "Caused by:" block, and the note that the build
// failed if nothing else did. Progress redraws pass at once.
class RefusalFilter {
 public:
  // `on_failed` is told of every other package that failed; may be empty.
  RefusalFilter(const std::vector<std::string>& refused_packages,
                std::function<void(std::string_view)> sink,
                std::function<void(const std::string& package)> on_failed = {});

  void Add(std::string_view piece);
  // What is left. Call at the end.
  void Finish();

  // True if cargo reported a failure of a package that was not refused, or of
  // a build script.
  bool saw_real_error() const { return saw_real_error_; }
  // True if cargo reported a package that was refused.
  bool saw_refusal() const { return saw_refusal_; }

 private:
  void Line(std::string_view line);
  void SawError(const std::string& package);

  const std::set<std::string> refused_;
  const std::function<void(std::string_view)> sink_;
  const std::function<void(const std::string& package)> on_failed_;
  std::string rest_;       // an unfinished line
  bool in_block_ = false;  // inside the "Caused by:" of a refused package
  std::string held_;       // lines that belong to a block if it goes on
  bool saw_real_error_ = false;
  bool saw_refusal_ = false;
};

}  // namespace depcache::client
