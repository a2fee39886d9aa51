#include "cache/recipe/recipe_diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace depcache {
namespace {

constexpr std::size_t kMaxShownBytes = 200;

// Values may hold any bytes; a terminal should not see them.
std::string Shown(std::string_view text) {
  std::string shown(text.substr(0, kMaxShownBytes));
  std::ranges::replace_if(
      shown, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  if (text.size() > kMaxShownBytes) shown += "…";
  return shown;
}

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Lines which only one side has.
struct LineChange {
  std::vector<std::string_view> gone;
  std::vector<std::string_view> come;
};

LineChange Compare(std::string_view before, std::string_view after) {
  std::vector<std::string_view> a = SplitLines(before);
  std::vector<std::string_view> b = SplitLines(after);
  std::ranges::sort(a);
  std::ranges::sort(b);
  LineChange change;
  std::ranges::set_difference(a, b, std::back_inserter(change.gone));
  std::ranges::set_difference(b, a, std::back_inserter(change.come));
  return change;
}

// "serde 1.0.228 registry+… checksum: dependencies" in pieces.
struct LockLine {
  std::string_view name;
  std::string_view version;
  std::string_view identity;  // source and checksum
};

LockLine ParseLockLine(std::string_view line) {
  const std::size_t first = std::min(line.find(' '), line.size());
  std::string_view rest = line.substr(std::min(first + 1, line.size()));
  const std::size_t second = std::min(rest.find_first_of(" :"), rest.size());
  const std::size_t end = std::min(rest.find(": "), rest.size());
  return {line.substr(0, first), rest.substr(0, second),
          rest.substr(second, std::max(end, second) - second)};
}

std::string DescribeMove(const LockLine& before, const LockLine& after) {
  if (before.version != after.version) {
    return fmt::format("lock: {} {} -> {}", Shown(before.name), Shown(before.version),
                       Shown(after.version));
  }
  return fmt::format(
      "lock: {} {}: {}", Shown(after.name), Shown(after.version),
      before.identity == after.identity ? "other dependencies" : "other source or checksum");
}

std::vector<std::string> DescribeLock(const LineChange& change) {
  std::map<std::string_view, std::pair<std::vector<LockLine>, std::vector<LockLine>>> by_name;
  for (const std::string_view line : change.gone) {
    const LockLine package = ParseLockLine(line);
    by_name[package.name].first.push_back(package);
  }
  for (const std::string_view line : change.come) {
    const LockLine package = ParseLockLine(line);
    by_name[package.name].second.push_back(package);
  }
  std::vector<std::string> lines;
  for (const auto& [name, sides] : by_name) {
    const auto& [gone, come] = sides;
    if (gone.size() == 1 && come.size() == 1) {
      lines.push_back(DescribeMove(gone[0], come[0]));
      continue;
    }
    for (const LockLine& package : gone) {
      lines.push_back(fmt::format("lock: - {} {}", Shown(name), Shown(package.version)));
    }
    for (const LockLine& package : come) {
      lines.push_back(fmt::format("lock: + {} {}", Shown(name), Shown(package.version)));
    }
  }
  return lines;
}

std::vector<std::string> DescribeLines(std::string_view name, const LineChange& change) {
  std::vector<std::string> lines;
  for (const std::string_view line : change.gone) {
    lines.push_back(fmt::format("{}: - {}", name, Shown(line)));
  }
  for (const std::string_view line : change.come) {
    lines.push_back(fmt::format("{}: + {}", name, Shown(line)));
  }
  if (lines.empty()) lines.push_back(fmt::format("{}: other order", name));
  return lines;
}

bool IsSingleLine(std::string_view text) { return text.find('\n') == std::string_view::npos; }

}  // namespace

std::vector<std::string> DescribePart(std::string_view name, std::optional<std::string_view> before,
                                      std::optional<std::string_view> after,
                                      std::size_t max_lines) {
  if (before == after) return {};
  std::vector<std::string> lines;
  const std::string_view old_value = before.value_or("");
  const std::string_view new_value = after.value_or("");
  if (name == "lock") {
    lines = DescribeLock(Compare(old_value, new_value));
  } else if (IsSingleLine(old_value) && IsSingleLine(new_value)) {
    lines = {fmt::format("{}: {} -> {}", name, before.has_value() ? Shown(old_value) : "(none)",
                         after.has_value() ? Shown(new_value) : "(none)")};
  } else {
    lines = DescribeLines(name, Compare(old_value, new_value));
  }
  if (lines.size() > max_lines) {
    const std::size_t kept = std::max<std::size_t>(max_lines, 1) - 1;
    const std::size_t left_out = lines.size() - kept;
    lines.resize(kept);
    lines.push_back(fmt::format("{}: … and {} more", name, left_out));
  }
  return lines;
}

std::vector<std::string> DescribeChange(const Recipe& before, const Recipe& after,
                                        std::size_t max_lines) {
  const auto value_in = [](const Recipe& recipe,
                           const std::string& name) -> std::optional<std::string_view> {
    const auto found = recipe.parts().find(name);
    if (found == recipe.parts().end()) return std::nullopt;
    return found->second;
  };
  std::vector<std::string> lines;
  for (const std::string& name : ChangedParts(before.Trace(), after.Trace())) {
    const auto more = DescribePart(name, value_in(before, name), value_in(after, name), max_lines);
    lines.insert(lines.end(), more.begin(), more.end());
  }
  return lines;
}

}  // namespace depcache
