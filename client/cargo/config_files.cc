#include "client/cargo/config_files.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <system_error>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/recipe/cargo_config.h"
#include "cache/recipe/toml_text.h"
#include "client/cargo/machine_folders.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxConfigBytes = 1 << 20;
constexpr std::size_t kMaxFiles = 200;

// Appends a file after the files it includes.
absl::Status Collect(const fs::path& file, std::set<fs::path>& seen,
                     std::vector<ConfigText>& files) {
  if (!seen.insert(file.lexically_normal()).second) return absl::OkStatus();
  if (seen.size() > kMaxFiles) return InvalidArgument("{}: too many includes", file.native());
  DEPCACHE_ASSIGN_OR_RETURN(std::string text, ReadFile(file, kMaxConfigBytes));
  const absl::StatusOr<std::vector<ConfigInclude>> includes = ConfigIncludes(text);
  if (!includes.ok()) return Annotate(includes.status(), file.native());
  for (const ConfigInclude& include : *includes) {
    const fs::path path = file.parent_path() / include.path;
    std::error_code error;
    if (!fs::exists(path, error)) {
      if (include.is_optional) continue;
      return InvalidArgument("{} includes {}, which is not there", file.native(), path.native());
    }
    DEPCACHE_RETURN_IF_ERROR(Collect(path, seen, files));
  }
  files.push_back({std::move(text), file.parent_path().parent_path()});
  return absl::OkStatus();
}

// The folder's configuration file: `config` wins over `config.toml`, as in
// Cargo. Empty if there is none.
fs::path ConfigIn(const fs::path& folder) {
  std::error_code error;
  for (const char* name : {"config", "config.toml"}) {
    const fs::path file = folder / name;
    if (fs::is_regular_file(file, error)) return file;
  }
  return {};
}

// One variable of [env].
struct Entry {
  std::optional<std::string> value;
  fs::path base;
  bool is_forced = false;
  bool is_relative = false;
};

}  // namespace

absl::StatusOr<ConfigTexts> FindConfigs(const fs::path& cwd, const fs::path& root,
                                        const fs::path& cargo_home) {
  // Cargo walks upwards, nearest first, and takes CARGO_HOME last unless the
  // walk went through it.
  std::vector<std::pair<fs::path, bool>> files;  // file, is it the workspace's
  bool has_home = false;
  for (fs::path folder = cwd;; folder = folder.parent_path()) {
    const fs::path file = ConfigIn(folder / ".cargo");
    has_home = has_home || folder / ".cargo" == cargo_home;
    if (!file.empty()) files.emplace_back(file, IsBelow(folder, root));
    if (folder == folder.root_path() || folder.empty()) break;
  }
  if (!has_home) {
    const fs::path file = ConfigIn(cargo_home);
    if (!file.empty()) files.emplace_back(file, false);
  }
  std::reverse(files.begin(), files.end());
  ConfigTexts texts;
  std::set<fs::path> seen;
  for (const auto& [file, is_inner] : files) {
    const std::size_t first = texts.files.size();
    DEPCACHE_RETURN_IF_ERROR(Collect(file, seen, texts.files));
    std::vector<std::string>& side = is_inner ? texts.inner : texts.outer;
    for (std::size_t i = first; i < texts.files.size(); ++i) side.push_back(texts.files[i].text);
  }
  return texts;
}

absl::StatusOr<ConfigOptions> ReadConfigOptions(const std::vector<std::string>& values,
                                                const fs::path& cwd) {
  ConfigOptions options;
  for (const std::string& value : values) {
    const fs::path file = (cwd / value).lexically_normal();
    std::error_code error;
    if (value.empty() || !fs::exists(file, error)) {
      options.files.push_back({value, cwd});
      options.arguments.push_back(value);
      continue;
    }
    std::set<fs::path> seen;
    DEPCACHE_RETURN_IF_ERROR(Collect(file, seen, options.files));
    options.arguments.push_back(file.native());
  }
  return options;
}

Environment WithConfigVariables(Environment environment, const std::vector<ConfigText>& files) {
  std::map<std::string, Entry> entries;
  for (const ConfigText& file : files) {
    const absl::StatusOr<TomlTable> config = ParseToml(file.text);
    const TomlTable* env = config.ok() ? FindTable(&*config, "env") : nullptr;
    if (env == nullptr) continue;
    for (const auto& [name, item] : *env) {
      Entry& entry = entries[name];
      const TomlTable* table = item.AsTable();
      const std::string* value = table == nullptr ? item.AsString() : FindString(table, "value");
      if (value != nullptr) {
        entry.value = *value;
        entry.base = file.base;
      }
      entry.is_forced = FindBool(table, "force", entry.is_forced);
      entry.is_relative = FindBool(table, "relative", entry.is_relative);
    }
  }
  for (auto& [name, entry] : entries) {
    if (!entry.value || (environment.contains(name) && !entry.is_forced)) continue;
    environment[name] =
        entry.is_relative ? (entry.base / *entry.value).native() : *std::move(entry.value);
  }
  return environment;
}

std::vector<std::string> LinkerPaths(const Environment& environment,
                                     const std::vector<ConfigText>& files, const fs::path& cwd) {
  std::set<std::string> paths;
  const auto add = [&](const std::string* linker, const fs::path& base) {
    if (linker == nullptr || linker->find('/') == std::string::npos) return;
    paths.insert((base / *linker).lexically_normal().native());
  };
  for (const ConfigText& file : files) {
    const absl::StatusOr<TomlTable> config = ParseToml(file.text);
    if (!config.ok()) continue;
    for (const char* key : {"target", "host"}) {
      const TomlTable* platforms = FindTable(&*config, key);
      add(FindString(platforms, "linker"), file.base);
      for (const auto& [name, platform] : platforms == nullptr ? TomlTable() : *platforms) {
        add(FindString(platform.AsTable(), "linker"), file.base);
      }
    }
  }
  for (const auto& [name, value] : environment) {
    if (name.starts_with("CARGO_") && name.ends_with("_LINKER")) add(&value, cwd);
  }
  return {paths.begin(), paths.end()};
}

}  // namespace depcache::client
