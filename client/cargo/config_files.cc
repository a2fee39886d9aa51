#include "client/cargo/config_files.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/recipe/cargo_config.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxConfigBytes = 1 << 20;
constexpr std::size_t kMaxFiles = 200;

// Appends a file after the files it includes.
absl::Status Collect(const fs::path& file, std::set<fs::path>& seen,
                     std::vector<std::string>& texts) {
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
    DEPCACHE_RETURN_IF_ERROR(Collect(path, seen, texts));
  }
  texts.push_back(std::move(text));
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

bool IsBelow(const fs::path& path, const fs::path& root) {
  return path == root || path.native().starts_with(root.native() + "/");
}

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
    DEPCACHE_RETURN_IF_ERROR(Collect(file, seen, is_inner ? texts.inner : texts.outer));
  }
  return texts;
}

}  // namespace depcache::client
