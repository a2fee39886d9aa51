#include "client/cargo/refusal_filter.h"

#include "client/cargo/wrapper_policy.h"

namespace depcache::client {
namespace {

// The package that a line names after `start`, as in "…`x v1.2.3`"; "" for other lines.
std::string PackageAfter(std::string_view start, std::string_view plain) {
  if (!plain.starts_with(start)) return "";
  plain.remove_prefix(start.size());
  return std::string(plain.substr(0, plain.find_first_of(" `")));
}

constexpr std::string_view kCompileFailed = "error: could not compile `";
constexpr std::string_view kScriptFailed = "error: failed to run custom build command for `";

}  // namespace

std::string WithoutColours(std::string_view line) {
  std::string plain;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\x1b') {
      plain += line[i];
      continue;
    }
    while (i < line.size() && (line[i] < 'A' || line[i] > 'z' || line[i] == '[')) ++i;
  }
  return plain;
}

RefusalFilter::RefusalFilter(const std::vector<std::string>& refused_packages,
                             std::function<void(std::string_view)> sink,
                             std::function<void(const std::string& package)> on_failed)
    : refused_(refused_packages.begin(), refused_packages.end()),
      sink_(std::move(sink)),
      on_failed_(std::move(on_failed)) {}

void RefusalFilter::Add(std::string_view piece) {
  while (!piece.empty()) {
    const std::size_t end = piece.find_first_of("\n\r");
    if (end == std::string_view::npos) break;
    rest_ += piece.substr(0, end + 1);
    // A carriage return redraws the progress line: shown at once.
    if (piece[end] == '\r') {
      sink_(rest_);
    } else {
      Line(rest_);
    }
    rest_.clear();
    piece.remove_prefix(end + 1);
  }
  rest_ += piece;
}

void RefusalFilter::Finish() {
  if (!rest_.empty()) Line(rest_);
  rest_.clear();
}

void RefusalFilter::SawError(const std::string& package) {
  saw_real_error_ = true;
  if (on_failed_) on_failed_(package);
}

void RefusalFilter::Line(std::string_view line) {
  const std::string plain = WithoutColours(line);
  const std::string failed = PackageAfter(kCompileFailed, plain);
  if (!failed.empty()) {
    in_block_ = refused_.contains(failed);
    held_.clear();
    saw_refusal_ = saw_refusal_ || in_block_;
    if (in_block_) return;
    SawError(failed);
  }
  if (const std::string script = PackageAfter(kScriptFailed, plain); !script.empty()) SawError(script);
  if (in_block_) {
    // The block is: an empty line, "Caused by:", and one indented line.
    if (plain == "\n") {
      held_ += line;
      return;
    }
    if (plain.starts_with("Caused by:") || plain.starts_with("  process didn't exit")) {
      held_.clear();
      return;
    }
    in_block_ = false;
    sink_(held_);
    held_.clear();
  }
  if (plain.starts_with("warning: build failed, waiting for other jobs") && !saw_real_error_) {
    return;
  }
  sink_(line);
}

}  // namespace depcache::client
