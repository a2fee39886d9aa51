#include "cache/recipe/cargo_config.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <utility>

#include "cache/base/status.h"
#include "cache/recipe/secret_text.h"
#include "cache/recipe/toml_text.h"

namespace depcache {
namespace {

using Keys = std::initializer_list<std::string_view>;

// Of a [source], those whose values are folders.
constexpr std::string_view kFolderKeys[] = {"directory", "local-registry"};

void KeepOnly(TomlTable& table, Keys keys) {
  std::erase_if(table, [keys](const auto& entry) {
    return std::ranges::find(keys, entry.first) == keys.end();
  });
}

void CleanUrls(TomlTable& table) {
  for (auto& [key, value] : table) {
    if (const std::string* text = value.AsString()) value = TomlString(WithoutUserInfo(*text));
  }
}

// A table of [target] or [host]: a table in it stands in for the build scripts
// with that `links` name.
void KeepPlatformKeys(TomlTable& platform) {
  std::erase_if(platform, [](const auto& entry) {
    const auto& [key, value] = entry;
    return value.AsTable() == nullptr && key != "rustflags" && key != "linker" && key != "ar";
  });
}

// Applies `keep` to each table in `table`; anything else in it goes.
template <typename Keep>
void KeepInEach(TomlTable& table, Keep keep) {
  std::erase_if(table, [](const auto& entry) { return entry.second.AsTable() == nullptr; });
  for (auto& [key, value] : table) keep(*value.AsTable());
}

// Every variable in its long form, `{ value = "…" }`.
void SpellOutVariables(TomlTable& env) {
  for (auto& [name, entry] : env) {
    if (entry.AsString() == nullptr) continue;
    TomlTable spelled_out;
    spelled_out.emplace("value", std::move(entry));
    entry = {std::move(spelled_out)};
  }
}

void KeepAllowed(TomlTable& config) {
  KeepOnly(config, {"build", "env", "host", "patch", "paths", "profile", "registries", "resolver",
                    "source", "target", "target-applies-to-host", "unstable"});
  if (TomlTable* build = FindTable(&config, "build")) KeepOnly(*build, {"rustflags", "target"});
  if (TomlTable* target = FindTable(&config, "target")) KeepInEach(*target, KeepPlatformKeys);
  if (TomlTable* env = FindTable(&config, "env")) SpellOutVariables(*env);
  if (TomlTable* host = FindTable(&config, "host")) {
    KeepPlatformKeys(*host);
    for (auto& [triple, value] : *host) {
      if (TomlTable* platform = value.AsTable()) {
        Erase(*platform, "runner");
        Erase(*platform, "rustdocflags");
      }
    }
  }
  if (TomlTable* resolver = FindTable(&config, "resolver")) {
    KeepOnly(*resolver, {"feature-unification", "incompatible-rust-versions"});
  }
  if (TomlTable* source = FindTable(&config, "source")) {
    KeepInEach(*source, [](TomlTable& entry) {
      KeepOnly(entry, {"branch", "directory", "git", "local-registry", "registry", "replace-with",
                       "rev", "tag"});
      CleanUrls(entry);
    });
  }
  if (TomlTable* registries = FindTable(&config, "registries")) {
    KeepInEach(*registries, [](TomlTable& entry) {
      KeepOnly(entry, {"index"});
      CleanUrls(entry);
    });
  }
  for (const std::string_view key : {"build", "registries", "resolver", "source", "target"}) {
    EraseIfEmpty(config, key);
  }
}

absl::Status MergeValue(TomlValue& low, TomlValue high, const std::string& path);

absl::Status MergeTables(TomlTable& low, TomlTable high, const std::string& path) {
  for (auto& [key, value] : high) {
    const auto found = low.find(key);
    if (found == low.end()) {
      low.emplace(key, std::move(value));
    } else {
      DEPCACHE_RETURN_IF_ERROR(
          MergeValue(found->second, std::move(value), path + PrintTomlKey(key) + '.'));
    }
  }
  return absl::OkStatus();
}

absl::Status MergeValue(TomlValue& low, TomlValue high, const std::string& path) {
  if (low.AsTable() != nullptr && high.AsTable() != nullptr) {
    return MergeTables(*low.AsTable(), std::move(*high.AsTable()), path);
  }
  if (low.AsArray() != nullptr && high.AsArray() != nullptr) {
    std::ranges::move(*high.AsArray(), std::back_inserter(*low.AsArray()));
    return absl::OkStatus();
  }
  const auto is_container = [](const TomlValue& value) {
    return value.AsTable() != nullptr || value.AsArray() != nullptr;
  };
  if (is_container(low) || is_container(high)) {
    return InvalidArgument(
        "`{}` is an array or a table in one configuration file and something else in another",
        path.substr(0, path.size() - 1));
  }
  low = std::move(high);
  return absl::OkStatus();
}

// A variable that `high` sets again loses its value in `merged`, be that the
// value itself or a digest.
void DropOverriddenValues(TomlTable& merged, const TomlTable& high) {
  TomlTable* env = FindTable(&merged, "env");
  const TomlTable* overriding = FindTable(&high, "env");
  if (env == nullptr || overriding == nullptr) return;
  for (const auto& [name, entry] : *overriding) {
    TomlTable* overridden = FindTable(env, name);
    if (overridden == nullptr) continue;
    Erase(*overridden, "digest");
    Erase(*overridden, "value");
  }
}

absl::StatusOr<ConfigInclude> ParseInclude(const TomlValue& value) {
  if (const std::string* path = value.AsString()) return ConfigInclude{*path, false};
  const std::string* path = FindString(value.AsTable(), "path");
  if (path == nullptr) return InvalidArgument("`include` names no path");
  return ConfigInclude{*path, FindBool(value.AsTable(), "optional", false)};
}

// The value of a variable of [env]; nullptr if it is withheld.
const std::string* ValueOf(const TomlValue& entry) { return FindString(entry.AsTable(), "value"); }

}  // namespace

absl::StatusOr<std::vector<ConfigInclude>> ConfigIncludes(std::string_view text) {
  DEPCACHE_ASSIGN_OR_RETURN(const TomlTable config, ParseToml(text));
  std::vector<ConfigInclude> includes;
  const TomlValue* value = Find(&config, "include");
  if (value == nullptr) return includes;
  const TomlArray single = {*value};
  for (const TomlValue& item : value->AsArray() == nullptr ? single : *value->AsArray()) {
    DEPCACHE_ASSIGN_OR_RETURN(ConfigInclude include, ParseInclude(item));
    includes.push_back(std::move(include));
  }
  return includes;
}

absl::StatusOr<TomlTable> MergeConfigs(std::span<const std::string> texts) {
  TomlTable merged;
  for (const std::string& text : texts) {
    DEPCACHE_ASSIGN_OR_RETURN(TomlTable config, ParseToml(text));
    KeepAllowed(config);
    DropOverriddenValues(merged, config);
    DEPCACHE_RETURN_IF_ERROR(MergeTables(merged, std::move(config), ""));
  }
  return merged;
}

TomlTable WithoutSecrets(const TomlTable& config) {
  TomlTable clean = config;
  TomlTable* env = FindTable(&clean, "env");
  if (env == nullptr) return clean;
  for (auto& [name, entry] : *env) {
    const std::string* value = ValueOf(entry);
    if (value == nullptr || !MayBeSecret(name, *value)) continue;
    TomlTable& withheld = *entry.AsTable();
    withheld.insert_or_assign("digest", TomlString(ValueDigest(name, *value)));
    Erase(withheld, "value");
  }
  return clean;
}

TomlTable WithoutDigests(const TomlTable& config) {
  TomlTable readable = config;
  TomlTable* env = FindTable(&readable, "env");
  if (env == nullptr) return readable;
  std::erase_if(*env, [](const auto& entry) { return ValueOf(entry.second) == nullptr; });
  EraseIfEmpty(readable, "env");
  return readable;
}

std::map<std::string, std::string> WithheldVariables(const TomlTable& config) {
  std::map<std::string, std::string> withheld;
  const TomlTable* env = FindTable(&config, "env");
  if (env == nullptr) return withheld;
  for (const auto& [name, entry] : *env) {
    const std::string* digest = FindString(entry.AsTable(), "digest");
    if (digest != nullptr) withheld.emplace(name, *digest);
  }
  return withheld;
}

std::vector<std::string> NeededFolders(const TomlTable& config) {
  std::vector<std::string> folders = StringsOf(Find(&config, "paths"));
  const TomlTable* sources = FindTable(&config, "source");
  if (sources == nullptr) return folders;
  for (const auto& [name, source] : *sources) {
    for (const std::string_view key : kFolderKeys) {
      const std::string* folder = FindString(source.AsTable(), key);
      if (folder != nullptr) folders.push_back(*folder);
    }
  }
  return folders;
}

TomlTable WithFoldersBelow(TomlTable config, std::string_view root) {
  const auto below = [&](const std::string& folder) {
    return folder.starts_with('/') ? folder : fmt::format("{}/{}", root, folder);
  };
  if (TomlValue* paths = Find(&config, "paths")) {
    std::vector<std::string> folders = StringsOf(paths);
    std::transform(folders.begin(), folders.end(), folders.begin(), below);
    *paths = TomlStrings(folders);
  }
  TomlTable* sources = FindTable(&config, "source");
  if (sources == nullptr) return config;
  for (auto& [name, source] : *sources) {
    for (const std::string_view key : kFolderKeys) {
      TomlValue* value = Find(source.AsTable(), key);
      if (value == nullptr || value->AsString() == nullptr) continue;
      *value = TomlString(below(*value->AsString()));
    }
  }
  return config;
}

std::map<std::string, std::string> ConfigVariables(const TomlTable& config,
                                                   bool (*is_public)(std::string_view name)) {
  std::map<std::string, std::string> variables;
  const TomlTable* env = FindTable(&config, "env");
  if (env == nullptr) return variables;
  for (const auto& [name, entry] : *env) {
    std::string text;
    const std::string* digest = FindString(entry.AsTable(), "digest");
    if (const std::string* value = ValueOf(entry)) {
      const bool is_shown = is_public(name) && !MayBeSecret(name, *value);
      text = is_shown ? PrintTomlInline(TomlString(*value)) : ValueDigest(name, *value);
    } else if (digest != nullptr) {
      text = *digest;
    }
    for (const std::string_view flag : {"force", "relative"}) {
      if (FindBool(entry.AsTable(), flag, false)) (text += ' ') += flag;
    }
    variables.emplace(name, std::move(text));
  }
  return variables;
}

}  // namespace depcache
