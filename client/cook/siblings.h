// Which build directories of this user were cooked in, so that a cook finds its
// siblings (client/restore/sibling_files.h).
//
// Stored form: `build-directories` in the client's cache folder
// ($XDG_CACHE_HOME/depcache, else ~/.cache/depcache): absolute paths, each
// followed by a newline, the one that was used last first. Nothing depends on
// it: it may be removed at any time, and of two cooks which write it at once
// one may be forgotten.

#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include <absl/status/status.h>

#include "client/context.h"

namespace depcache::client {

inline constexpr std::size_t kMaxSiblings = 8;

// "" without a home.
std::filesystem::path CacheFolder(const Environment& environment);

// Those that are there still, but for `build_dir` itself; the last used first.
// None without a cache folder ("").
std::vector<std::filesystem::path> FindSiblings(const std::filesystem::path& cache_folder,
                                                const std::filesystem::path& build_dir);

// Puts `build_dir` first. Errors: of the disk.
absl::Status RememberBuildDir(const std::filesystem::path& cache_folder,
                              const std::filesystem::path& build_dir);

}  // namespace depcache::client
