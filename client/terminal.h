#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace depcache::client {

// What a person sees: lines and one moving progress line, all on standard
// error. Standard output is for results that programs read.
//
// On a terminal: colour, and progress that is redrawn. Elsewhere: plain lines,
// and progress only at its end. Not thread-safe.
class Terminal {
 public:
  struct Options {
    bool is_terminal = false;
    bool has_colour = false;
    bool is_quiet = false;  // only warnings and errors
    int width = 80;
  };

  explicit Terminal(const Options& options) : options_(options) {}
  virtual ~Terminal() = default;

  // "depcache: restored 313 units …".
  void Say(std::string_view message);
  // The one line that tells of something that went another way than asked.
  void Warn(std::string_view message);
  void Error(std::string_view message);

  // Shows how far a transfer of known size is: units, bytes, rate, time left.
  // Redraws at most ten times a second.
  void Progress(std::string_view what, std::uint64_t done, std::uint64_t total);
  // Takes the progress line away.
  void ClearProgress();

  // A result, to standard output.
  void Print(std::string_view text);

  // Bytes of another program's standard error.
  void PassThrough(std::string_view bytes);

  const Options& options() const { return options_; }

 protected:
  // Where lines go; a test takes them.
  virtual void WriteErr(std::string_view bytes);
  virtual void WriteOut(std::string_view bytes);

 private:
  void Line(std::string_view colour, std::string_view label, std::string_view message);

  const Options options_;
  bool has_progress_ = false;
  std::chrono::steady_clock::time_point started_{};
  std::chrono::steady_clock::time_point drawn_{};
  std::string what_;
};

// The options of this process: NO_COLOR, CLICOLOR_FORCE, TERM and whether
// standard error is a terminal.
Terminal::Options TerminalOptions(bool is_quiet);

}  // namespace depcache::client
