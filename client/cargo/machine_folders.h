// The folders of this machine which Cargo and the compiler write into what
// they make.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/layer/rooted_text.h"
#include "cache/layer/unit_record.h"

namespace depcache::client {

// A package of the lock in a directory source (client/cargo/directory_sources.h).
struct DirectoryPackage {
  std::string name;
  std::string version;
  std::filesystem::path root;
  std::string digest;       // of its files, 64 hex digits; "" if they cannot be read
  std::int64_t newest = 0;  // modification time of the newest of them, in seconds
};

// Without "." and "..", nor a slash at its end: Cargo takes a folder as it was
// named ("./target", "/cache/"), and texts are compared with ours.
std::filesystem::path NormalFolder(const std::filesystem::path& path);

// Both absolute and normal: `path` is the folder, or below it. False if
// `folder` is "".
bool IsBelow(const std::filesystem::path& path, const std::filesystem::path& folder);

// Absolute, as of NormalFolder; empty where unknown.
struct MachineFolders {
  std::filesystem::path workspace;   // root of the user's workspace
  std::filesystem::path target_dir;  // final artifacts
  std::filesystem::path build_dir;   // everything cached; often the same
  std::filesystem::path cargo_home;
  std::filesystem::path rustup_home;
  std::filesystem::path sysroot;
  std::filesystem::path home;
  std::filesystem::path temp;
  // Folders of the above behind a symbolic link, and where they are: a process
  // whose working directory is below one sees the latter.
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> links;
  // What pkg-config would find (client/cargo/tools.h); only where a build script asks it.
  std::map<std::string, std::string> pkg_config;
  // Such a package is known by its files' digest in place of the checksum.
  std::vector<DirectoryPackage> directory_packages;

  // `folder`, and its paths behind `links`.
  std::vector<std::filesystem::path> NamesOf(const std::filesystem::path& folder) const;
  // Sets `links` from what is on the disk.
  void FindLinks();

  // The package here that has these files; nullptr if there is none.
  const DirectoryPackage* FindDirectoryPackage(const PackageId& package) const;
  // True if some directory source has the name and version, whatever its files:
  // Cargo then needs nothing of it in CARGO_HOME.
  bool IsInDirectory(std::string_view name, std::string_view version) const;

  // $CARGO_HOME/registry/src/<registry>, for a lock's source.
  // Errors: INVALID_ARGUMENT (no registry).
  absl::StatusOr<std::filesystem::path> RegistrySrc(std::string_view source) const;
  // The bare repository of a git source ("git+…#<commit>") in CARGO_HOME, and
  // the working tree of its commit there. The name of a working tree is as long
  // as it must be to tell it from other objects: one that is there already is
  // taken from the disk. Of a name that is longer than we think, Cargo compiles
  // the units again.
  // Errors: INVALID_ARGUMENT (no git source with a commit).
  absl::StatusOr<std::filesystem::path> GitRepository(std::string_view source) const;
  absl::StatusOr<std::filesystem::path> GitCheckout(std::string_view source) const;

  // The sources a package was compiled from, which all its paths are below:
  // where Cargo unpacks a registry package, the whole checkout of a git one, the
  // folder of one in a directory source.
  absl::StatusOr<std::filesystem::path> PackageRoot(const PackageId& package) const;

  // The placeholders of texts that are no package's own: predicates.
  RootMap CommonRoots() const;

  // The placeholders of texts of one package's units.
  absl::StatusOr<RootMap> RootsFor(const PackageId& package) const;

  // What to scan compiled files for.
  std::vector<std::string> ScanRoots() const;

  // --remap-path-prefix FROM -> TO, shortest FROM first. The names are those
  // of Cargo's own trim-paths, so a panic reads the same with either.
  std::vector<std::pair<std::string, std::string>> Remaps() const;

 private:
  void AddNames(Root root, const std::filesystem::path& folder, RootMap& roots) const;
};

}  // namespace depcache::client
