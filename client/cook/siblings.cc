#include "client/cook/siblings.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>

#include "cache/base/files.h"
#include "cache/base/status.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = 1 << 16;

fs::path FileIn(const fs::path& cache_folder) { return cache_folder / "build-directories"; }

std::vector<fs::path> ReadAll(const fs::path& cache_folder) {
  std::vector<fs::path> folders;
  if (cache_folder.empty()) return folders;
  const absl::StatusOr<std::string> text = ReadFile(FileIn(cache_folder), kMaxFileBytes);
  if (!text.ok()) return folders;
  std::string_view rest = *text;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    const fs::path folder(rest.substr(0, end));
    if (folder.is_absolute()) folders.push_back(folder);
    rest.remove_prefix(end + 1);
  }
  return folders;
}

}  // namespace

fs::path CacheFolder(const Environment& environment) {
  const std::string cache = Get(environment, "XDG_CACHE_HOME");
  // A relative one is to be ignored (XDG Base Directory Specification 0.8).
  if (cache.starts_with('/')) return fs::path(cache) / "depcache";
  const std::string home = Get(environment, "HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache" / "depcache";
}

std::vector<fs::path> FindSiblings(const fs::path& cache_folder, const fs::path& build_dir) {
  std::vector<fs::path> siblings = ReadAll(cache_folder);
  std::erase_if(siblings, [&](const fs::path& folder) {
    std::error_code error;
    return folder == build_dir || !fs::is_directory(folder, error);
  });
  return siblings;
}

absl::Status RememberBuildDir(const fs::path& cache_folder, const fs::path& build_dir) {
  // A line of the file cannot hold it.
  if (build_dir.native().find('\n') != std::string::npos) return absl::OkStatus();
  std::vector<fs::path> folders = FindSiblings(cache_folder, build_dir);
  folders.insert(folders.begin(), build_dir);
  // One more than are siblings of each of them.
  folders.resize(std::min(folders.size(), kMaxSiblings + 1));
  if (folders == ReadAll(cache_folder)) return absl::OkStatus();
  std::string text;
  for (const fs::path& folder : folders) text += folder.native() + '\n';
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(cache_folder));
  return WriteFileAtomic(FileIn(cache_folder), text, 0600);
}

}  // namespace depcache::client
