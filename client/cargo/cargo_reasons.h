// What cargo's standard error says of units that were there before it ran: why
// one of them is stale (Cargo's own log), and which ones could not be loaded
// (rustc's errors, the system's loader).
//
// Cargo runs with kReasonsLog in CARGO_LOG and logs for each stale unit, before
// it compiles anything:
//
//   … prepare_target{… package_id=itoa v1.0.18 target="itoa"}: …: fingerprint
//   dirty for itoa v1.0.18/Build/TargetInner { … }
//   … prepare_target{…}: …:     dirty: FsStatusOutdated(…)
//
// and for each unit that is not there several lines: why its fingerprint cannot
// be read, `Caused by:` and, with RUST_BACKTRACE set, `Stack backtrace:`.

#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace depcache::client {

// The module's name before and since Cargo 1.99.
inline constexpr std::string_view kReasonsLog =
    "cargo::core::compiler::fingerprint=info,cargo::compiler::fingerprint=info";

// Longest text that is kept of one reason; the rest is cut off.
inline constexpr std::size_t kMaxReasonBytes = 400;

struct StaleReason {
  std::string package;
  std::string version;
  std::string target;    // "itoa", "build-script-build"
  bool is_run = false;   // of a build script
  std::string text;      // Cargo's, e.g. `EnvVarChanged { name: "CC", … }`
};

// A library, procedural macro or build script that rustc or the system could
// not use.
struct LoadError {
  std::string text;              // its first line
  std::set<std::string> crates;  // that the error names
  std::set<std::string> hashes;  // Cargo's unit hashes in paths that it names
};

// Sits between cargo and the terminal. Not thread-safe.
class CargoReasons {
 public:
  // `sink` gets everything but the log lines.
  explicit CargoReasons(std::function<void(std::string_view)> sink) : sink_(std::move(sink)) {}

  // Whole lines, as RefusalFilter hands them on.
  void Add(std::string_view lines);

  // Of the last 1000 units at most; more say nothing new.
  const std::vector<StaleReason>& stale() const { return stale_; }
  const std::vector<LoadError>& errors() const { return errors_; }

 private:
  bool TakeLogLine(std::string_view plain);
  bool TakeRestOfLog(std::string_view plain);
  void LookForError(std::string_view plain);

  const std::function<void(std::string_view)> sink_;
  std::vector<StaleReason> stale_;
  std::vector<LoadError> errors_;
  StaleReason next_;          // of the line before, without its text
  bool has_next_ = false;
  bool is_in_log_ = false;    // a line of several was taken
  bool is_in_error_ = false;  // lines up to an empty one belong to errors_.back()
};

}  // namespace depcache::client
