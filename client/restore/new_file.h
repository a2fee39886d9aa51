// Files that are made new, never written through: what was there under the
// name, and other links to it, keep their content.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/files.h"

namespace depcache::client {

// Open for writing. A file of this name is unlinked first; a symbolic link is
// not followed. Errors: of the disk, naming the path.
absl::StatusOr<UniqueFd> CreateNewFile(const std::filesystem::path& path, bool is_executable);

// Both times, in seconds since 1970.
absl::Status SetTimes(int fd, std::int64_t seconds);

// All of a small file. Not atomic: a reader may see half of it.
absl::Status WriteNewFile(const std::filesystem::path& path, std::string_view bytes,
                          bool is_executable, std::int64_t seconds);

}  // namespace depcache::client
