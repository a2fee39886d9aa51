// Directory sources: folders of unpacked packages which stand in for a
// registry or a git repository, as `cargo vendor` makes them.

#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/recipe/lockfile.h"
#include "client/cargo/config_files.h"
#include "client/cargo/machine_folders.h"

namespace depcache::client {

// The folders that `directory` of a [source] names, absolute, each once.
// `files`: lowest precedence first.
std::vector<std::filesystem::path> DirectorySources(std::span<const ConfigText> files);

// What the files of a package are: names, executable bits and contents, of
// links the contents they lead to. Not .cargo-checksum.json, which says what
// they once were: Debian's has the upstream checksum over patched files.
struct PackageContents {
  std::string digest;       // 64 hex digits
  std::int64_t newest = 0;  // modification time of the newest file or folder, in seconds, rounded up
};

// Errors: FAILED_PRECONDITION (a link to a folder, or to nothing; a special
// file); of the disk.
absl::StatusOr<PackageContents> ReadPackageContents(const std::filesystem::path& root);

// The packages of `lock`, by name and version, that are in `sources`. A package
// whose contents cannot be read is there without a digest. Sorted by root.
std::vector<DirectoryPackage> FindDirectoryPackages(
    const std::vector<std::filesystem::path>& sources, const Lockfile& lock);

}  // namespace depcache::client
