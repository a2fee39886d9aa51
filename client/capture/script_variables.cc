#include "client/capture/script_variables.h"

#include <algorithm>
#include <functional>
#include <system_error>
#include <vector>

#include "cache/base/files.h"
#include "cache/base/status.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxSourceBytes = 8 << 20;
constexpr std::size_t kMaxSources = 1000;
constexpr std::string_view kCalls[] = {"var", "var_os"};
constexpr std::string_view kGivenPrefixes[] = {"CARGO", "DEP_", "RUSTC", "RUSTDOC", "RUSTFLAGS"};
constexpr std::string_view kGiven[] = {
    "DEBUG",   "HOME", "HOST", "LD_LIBRARY_PATH", "NUM_JOBS", "OPT_LEVEL", "OUT_DIR", "PATH",
    "PROFILE", "PWD",  "TEMP", "TARGET",          "TERM",     "TMP",       "TMPDIR",
};

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool IsGiven(std::string_view name) {
  return std::ranges::find(kGiven, name) != std::end(kGiven) ||
         std::ranges::any_of(kGivenPrefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); });
}

void SkipBlanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '\r' ||
                           text.front() == '\t')) {
    text.remove_prefix(1);
  }
}

// The text in `("text"`, with the opening mark; "" if `rest` does not begin so.
std::string_view FirstLiteral(std::string_view rest, char opening) {
  SkipBlanks(rest);
  if (!rest.starts_with(opening)) return {};
  rest.remove_prefix(1);
  SkipBlanks(rest);
  if (!rest.starts_with('"')) return {};
  rest.remove_prefix(1);
  const std::size_t end = rest.find('"');
  return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

// Calls `visit` with each word and what follows it.
void ForEachWord(std::string_view text,
                 const std::function<void(std::string_view word, std::string_view rest)>& visit) {
  for (std::size_t pos = 0; pos < text.size();) {
    if (!IsWordByte(text[pos])) {
      ++pos;
      continue;
    }
    std::size_t end = pos;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    visit(text.substr(pos, end - pos), text.substr(end));
    pos = end;
  }
}

// Files that may be modules of a source; not all of them exist.
std::vector<fs::path> ModulesOf(std::string_view source, const fs::path& file) {
  const fs::path folder = file.parent_path();
  std::vector<fs::path> modules;
  ForEachWord(source, [&](std::string_view word, std::string_view rest) {
    if (word == "path") {
      const std::string_view path = FirstLiteral(rest, '=');
      if (!path.empty()) modules.push_back(folder / path);
    }
    if (word != "mod") return;
    SkipBlanks(rest);
    std::size_t end = 0;
    while (end < rest.size() && IsWordByte(rest[end])) ++end;
    const std::string name(rest.substr(0, end));
    rest.remove_prefix(end);
    SkipBlanks(rest);
    if (name.empty() || !rest.starts_with(';')) return;
    for (const fs::path& base : {folder, folder / file.stem()}) {
      modules.push_back(base / (name + ".rs"));
      modules.push_back(base / name / "mod.rs");
    }
  });
  return modules;
}

}  // namespace

std::set<std::string> VariablesReadBy(std::string_view rust_source) {
  std::set<std::string> names;
  ForEachWord(rust_source, [&](std::string_view word, std::string_view rest) {
    if (std::ranges::find(kCalls, word) == std::end(kCalls)) return;
    const std::string_view name = FirstLiteral(rest, '(');
    if (!name.empty() && std::ranges::all_of(name, IsWordByte) && !IsGiven(name)) {
      names.emplace(name);
    }
  });
  return names;
}

absl::StatusOr<std::set<std::string>> VariablesOfScript(const fs::path& root_source) {
  DEPCACHE_ASSIGN_OR_RETURN(std::string source, ReadFile(root_source, kMaxSourceBytes));
  std::set<std::string> names = VariablesReadBy(source);
  std::set<fs::path> seen = {root_source};
  std::vector<fs::path> waiting = ModulesOf(source, root_source);
  while (!waiting.empty()) {
    const fs::path file = waiting.back().lexically_normal();
    waiting.pop_back();
    // One of the places where it could be.
    std::error_code error;
    if (!fs::is_regular_file(file, error) || !seen.insert(file).second) continue;
    if (seen.size() > kMaxSources) {
      return FailedPrecondition("its build script has more than {} sources", kMaxSources);
    }
    DEPCACHE_ASSIGN_OR_RETURN(source, ReadFile(file, kMaxSourceBytes));
    names.merge(VariablesReadBy(source));
    const std::vector<fs::path> below = ModulesOf(source, file);
    waiting.insert(waiting.end(), below.begin(), below.end());
  }
  return names;
}

}  // namespace depcache::client
