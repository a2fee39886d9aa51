#include "cache/recipe/build_flags.h"

#include <algorithm>
#include <set>

#include "cache/recipe/relative_path.h"

namespace depcache {
namespace {

constexpr std::string_view kSpecExtension = ".json";

const std::string* FindVariable(const Variables& variables, const std::string& name) {
  const auto found = variables.find(name);
  return found == variables.end() ? nullptr : &found->second;
}

std::vector<std::string> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

constexpr std::string_view kBlanks = " \t\r\n";

// Flags of a table's `rustflags`, then of the variable that adds to them: a
// string is split at blanks, an array is taken as it is.
std::vector<std::string> FlagsOf(const TomlTable* table, const std::string* variable) {
  const TomlValue* value = Find(table, "rustflags");
  const std::string* text = value == nullptr ? nullptr : value->AsString();
  std::vector<std::string> flags = text == nullptr ? StringsOf(value) : Split(*text, kBlanks);
  if (variable != nullptr) {
    for (std::string& flag : Split(*variable, kBlanks)) flags.push_back(std::move(flag));
  }
  return flags;
}

// A flag may hold a line break; a line may not.
std::string Line(std::string_view flag) {
  if (flag.find_first_of("\n\r\\") == std::string_view::npos) return std::string(flag);
  return PrintTomlInline(TomlString(flag));
}

}  // namespace

std::vector<std::string> EffectiveTargets(const CookSelection& selection,
                                          const Variables& variables, const TomlTable& config,
                                          const std::string& host_triple) {
  std::vector<std::string> named = selection.targets;
  if (named.empty()) {
    if (const std::string* variable = FindVariable(variables, "CARGO_BUILD_TARGET")) {
      named = {*variable};
    } else {
      named = StringsOf(Find(FindTable(&config, "build"), "target"));
    }
  }
  std::set<std::string> targets;
  for (const std::string& name : named) {
    if (!name.empty()) targets.insert(name == "host-tuple" ? host_triple : name);
  }
  return {targets.begin(), targets.end()};
}

bool IsTargetSpec(std::string_view target) { return target.ends_with(kSpecExtension); }

std::string ShortTargetName(std::string_view target) {
  if (!IsTargetSpec(target)) return std::string(target);
  const std::string_view file = target.substr(target.rfind('/') + 1);
  return std::string(file.substr(0, file.size() - kSpecExtension.size()));
}

std::vector<std::string> PlatformNames(const std::vector<std::string>& targets,
                                       const std::string& host_triple) {
  std::vector<std::string> names = {host_triple};
  for (const std::string& target : targets) {
    std::string name = ShortTargetName(target);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> RustflagLines(const Variables& variables, const TomlTable& config,
                                       const std::vector<std::string>& targets,
                                       const std::string& host_triple) {
  std::vector<std::string> lines;
  if (const std::string* encoded = FindVariable(variables, "CARGO_ENCODED_RUSTFLAGS")) {
    for (const std::string& flag : Split(*encoded, "\x1f")) lines.push_back(Line(flag));
    return lines;
  }
  if (const std::string* flags = FindVariable(variables, "RUSTFLAGS")) {
    for (const std::string& flag : Split(*flags, kBlanks)) lines.push_back(Line(flag));
    return lines;
  }
  // Flags are for the targets asked for; only without any also for the host.
  std::vector<std::string> names;
  for (const std::string& target : targets) names.push_back(ShortTargetName(target));
  if (names.empty()) names = {host_triple};

  const TomlTable* tables = FindTable(&config, "target");
  std::vector<std::string> conditional;
  for (const auto& [key, value] : tables == nullptr ? TomlTable() : *tables) {
    if (!key.starts_with("cfg(")) continue;
    for (const std::string& flag : FlagsOf(value.AsTable(), nullptr)) {
      conditional.push_back("target." + PrintTomlKey(key) + ": " + Line(flag));
    }
  }
  // With one platform and no condition it is certain which flags apply.
  const bool is_certain = names.size() == 1 && conditional.empty();
  bool is_build_shadowed = true;
  for (const std::string& name : names) {
    const std::string variable = "CARGO_TARGET_" + VariableForm(name) + "_RUSTFLAGS";
    const auto flags = FlagsOf(FindTable(tables, name), FindVariable(variables, variable));
    const std::string prefix = is_certain ? "" : "target." + name + ": ";
    for (const std::string& flag : flags) lines.push_back(prefix + Line(flag));
    is_build_shadowed &= !flags.empty();
  }
  lines.insert(lines.end(), conditional.begin(), conditional.end());
  if (is_build_shadowed) return lines;
  for (const std::string& flag :
       FlagsOf(FindTable(&config, "build"), FindVariable(variables, "CARGO_BUILD_RUSTFLAGS"))) {
    lines.push_back((is_certain ? "" : "build: ") + Line(flag));
  }
  return lines;
}

TomlTable PlatformTables(const TomlTable& config, const std::vector<std::string>& platforms) {
  const TomlTable* tables = FindTable(&config, "target");
  if (tables == nullptr) return {};
  TomlTable kept;
  for (const auto& [key, value] : *tables) {
    const bool is_compiled =
        key.starts_with("cfg(") || std::ranges::find(platforms, key) != platforms.end();
    if (value.AsTable() == nullptr || !is_compiled) continue;
    TomlTable table = *value.AsTable();
    Erase(table, "rustflags");
    if (!table.empty()) kept.emplace(key, TomlValue{std::move(table)});
  }
  return kept;
}

}  // namespace depcache
