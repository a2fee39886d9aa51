#include "client/terminal.h"

#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cache/base/text.h"

namespace depcache::client {
namespace {

constexpr std::string_view kGreen = "\x1b[1;32m";
constexpr std::string_view kYellow = "\x1b[1;33m";
constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kClearLine = "\r\x1b[K";
constexpr std::chrono::milliseconds kRedraw{100};

bool IsSet(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

void Terminal::Line(std::string_view colour, std::string_view label, std::string_view message) {
  ClearProgress();
  if (options_.has_colour) {
    WriteErr(fmt::format("{}{}{} {}\n", colour, label, kReset, message));
  } else {
    WriteErr(fmt::format("{} {}\n", label, message));
  }
}

void Terminal::Say(std::string_view message) {
  if (!options_.is_quiet) Line(kGreen, "depcache:", message);
}

void Terminal::Warn(std::string_view message) { Line(kYellow, "depcache:", message); }
void Terminal::Error(std::string_view message) { Line(kRed, "depcache: error:", message); }

void Terminal::Progress(std::string_view what, std::uint64_t done, std::uint64_t total) {
  if (!options_.is_terminal || options_.is_quiet || total == 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (!has_progress_ || what_ != what) {
    what_ = what;
    started_ = now;
    drawn_ = {};
    has_progress_ = true;
  }
  if (now - drawn_ < kRedraw && done < total) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const double rate = seconds > 0.05 ? static_cast<double>(done) / seconds : 0;
  const double left = rate > 0 ? static_cast<double>(total - done) / rate : 0;
  std::string line = fmt::format("{} {} of {} ({}%)", what, FormatBytes(done), FormatBytes(total),
                                 done * 100 / total);
  if (rate > 0) {
    line += fmt::format(", {}/s, {:.0f} s left", FormatBytes(static_cast<std::uint64_t>(rate)),
                        left);
  }
  line = line.substr(0, static_cast<std::size_t>(options_.width - 1));
  WriteErr(fmt::format("{}{}", kClearLine, line));
}

void Terminal::ClearProgress() {
  if (!has_progress_) return;
  has_progress_ = false;
  WriteErr(kClearLine);
}

void Terminal::Print(std::string_view text) {
  ClearProgress();
  WriteOut(text);
}

void Terminal::PassThrough(std::string_view bytes) {
  ClearProgress();
  WriteErr(bytes);
}

void Terminal::WriteErr(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stderr);
  std::fflush(stderr);
}

void Terminal::WriteOut(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

Terminal::Options TerminalOptions(bool is_quiet) {
  Terminal::Options options;
  const char* term = std::getenv("TERM");
  const bool is_dumb = term != nullptr && std::string_view(term) == "dumb";
  options.is_terminal = isatty(STDERR_FILENO) == 1 && !is_dumb;
  options.has_colour = !IsSet("NO_COLOR") && (options.is_terminal || IsSet("CLICOLOR_FORCE"));
  options.is_quiet = is_quiet;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) options.width = size.ws_col;
  return options;
}

}  // namespace depcache::client
