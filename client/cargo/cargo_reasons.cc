#include "client/cargo/cargo_reasons.h"

#include <algorithm>
#include <array>

#include "client/cargo/refusal_filter.h"

namespace depcache::client {
namespace {

constexpr std::size_t kMaxReasons = 1000;
constexpr std::size_t kHashDigits = 16;

// rustc cannot find, read or combine a library.
constexpr std::array<std::string_view, 3> kLibraryErrors = {"error[E0460]", "error[E0463]",
                                                            "error[E0786]"};
// What the system says of a program or library that it cannot load.
constexpr std::array<std::string_view, 6> kLoaderErrors = {
    "(never executed)",   "error while loading shared libraries", "invalid ELF header",
    "file too short",     "undefined symbol",                     "wrong ELF class"};

bool ContainsAny(std::string_view text, const auto& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

// The text between `start` and `end`, searched from the left; "" if not there.
std::string_view Between(std::string_view text, std::string_view start, std::string_view end) {
  const std::size_t begin = text.find(start);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + start.size());
  return text.substr(0, std::min(text.find(end), text.size()));
}

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

void AddHashes(std::string_view text, std::set<std::string>& hashes) {
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && IsHexDigit(text[i])) continue;
    if (i - start == kHashDigits) hashes.emplace(text.substr(start, kHashDigits));
    start = i + 1;
  }
}

// Names in backticks that may be those of crates.
void AddCrates(std::string_view text, std::set<std::string>& crates) {
  while (true) {
    const std::size_t open = text.find('`');
    if (open == std::string_view::npos) return;
    text.remove_prefix(open + 1);
    const std::size_t close = text.find('`');
    if (close == std::string_view::npos) return;
    crates.emplace(text.substr(0, close));
    text.remove_prefix(close + 1);
  }
}

// "   Compiling itoa v1.0": a word that ends in the twelfth column.
bool IsStatus(std::string_view plain) {
  static constexpr std::size_t kColumns = 12;
  if (plain.size() <= kColumns || plain[kColumns] != ' ') return false;
  const std::string_view head = plain.substr(0, kColumns);
  const std::size_t word = std::min(head.find_first_not_of(' '), kColumns);
  return word < kColumns && head.find_first_of(" :(", word) == std::string_view::npos;
}

}  // namespace

void CargoReasons::Add(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size() - 1) + 1;
    const std::string_view line = lines.substr(0, end);
    std::string plain = WithoutColours(line);
    while (!plain.empty() && (plain.back() == '\n' || plain.back() == '\r')) plain.pop_back();
    if (!TakeLogLine(plain) && !TakeRestOfLog(plain)) {
      LookForError(plain);
      sink_(line);
    }
    lines.remove_prefix(end);
  }
}

bool CargoReasons::TakeLogLine(std::string_view plain) {
  static constexpr std::string_view kModule = "compiler::fingerprint: ";
  static constexpr std::string_view kDirtyFor = "fingerprint dirty for ";
  static constexpr std::string_view kDirty = "    dirty: ";
  const std::size_t span = plain.find(" prepare_target{");
  const std::size_t module = plain.find(kModule);
  if (span == std::string_view::npos || module == std::string_view::npos || module < span) {
    return false;
  }
  const std::string_view message = plain.substr(module + kModule.size());
  is_in_log_ = message.starts_with("    err: ");
  if (message.starts_with(kDirtyFor)) {
    next_ = {};
    has_next_ = true;
    const std::string_view id = Between(plain, "package_id=", " target=");
    const std::size_t space = id.find(" v");
    next_.package = id.substr(0, space);
    if (space != std::string_view::npos) {
      const std::string_view version = id.substr(space + 2);
      next_.version = version.substr(0, version.find(' '));
    }
    next_.target = Between(plain, " target=\"", "\"");
    next_.is_run = message.find("/RunCustomBuild/") != std::string_view::npos;
  } else if (has_next_ && message.starts_with(kDirty)) {
    next_.text = message.substr(kDirty.size(), kMaxReasonBytes);
    if (stale_.size() < kMaxReasons) stale_.push_back(next_);
    has_next_ = false;
  }
  return true;
}

bool CargoReasons::TakeRestOfLog(std::string_view plain) {
  if (!is_in_log_) return false;
  is_in_log_ = plain.empty() || plain == "Caused by:" || plain == "Stack backtrace:" ||
               (plain.starts_with(' ') && !IsStatus(plain));
  return is_in_log_;
}

void CargoReasons::LookForError(std::string_view plain) {
  const bool is_library =
      std::any_of(kLibraryErrors.begin(), kLibraryErrors.end(),
                  [&](std::string_view start) { return plain.starts_with(start); });
  // Without a path there is nobody to accuse.
  const bool is_loader = !is_library && plain.find('/') != std::string_view::npos &&
                         ContainsAny(plain, kLoaderErrors);
  if ((is_library || is_loader) && errors_.size() < kMaxReasons) {
    errors_.push_back({std::string(plain.substr(0, kMaxReasonBytes)), {}, {}});
    if (is_library) AddCrates(plain, errors_.back().crates);
    AddHashes(plain, errors_.back().hashes);
    is_in_error_ = is_library;
    return;
  }
  if (plain.empty() || plain.starts_with("error") || plain.starts_with("warning")) {
    is_in_error_ = false;
  }
  if (is_in_error_) AddHashes(plain, errors_.back().hashes);
}

}  // namespace depcache::client
