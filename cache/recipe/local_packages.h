// The packages of a workspace as a graph: which depends on which by path.

#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/recipe/manifest.h"
#include "cache/recipe/toml_value.h"

namespace depcache {

// One manifest inside the workspace root.
struct LocalPackage {
  std::string folder;  // of the manifest, relative to the root; "" is the root
  TomlTable manifest;
  bool is_member = false;
  std::string name;  // "" for a root without [package]

  std::string ManifestPath() const;
};

// A set of packages, by index.
using PackageSet = std::set<std::size_t>;

// Thread-compatible.
class LocalPackages {
 public:
  // A path dependency on a folder without a known manifest.
  struct Missing {
    std::string folder;
    std::string dependent;  // manifest path
    std::string where;      // "dependencies.shared"
    friend auto operator<=>(const Missing&, const Missing&) = default;
  };
  struct Reached {
    PackageSet packages;
    std::set<Missing> missing;
  };

  // Errors: INVALID_ARGUMENT (a folder twice; no package in the root folder).
  static absl::StatusOr<LocalPackages> Make(std::vector<LocalPackage> packages);

  std::size_t size() const { return packages_.size(); }
  const LocalPackage& operator[](std::size_t index) const { return packages_[index]; }
  std::size_t root_index() const { return by_folder_.at(""); }
  const LocalPackage& root() const { return packages_[root_index()]; }
  std::optional<std::size_t> At(std::string_view folder) const;

  PackageSet Members() const;
  // Names that more than one package has.
  const std::set<std::string>& repeated_names() const { return repeated_names_; }
  // The version in the manifest, inherited or not; "0.0.0" if there is none.
  std::string VersionOf(const LocalPackage& package) const;
  // The name; "name@version" if several packages have the name.
  std::string IdOf(std::size_t index) const;

  // The folder that an entry of `package`'s manifest names by path, its own or
  // the one it inherits from [workspace.dependencies]; nullopt if it names
  // none. Errors: FAILED_PRECONDITION (it lies outside the workspace root).
  absl::StatusOr<std::optional<std::string>> FolderOf(const LocalPackage& package,
                                                      const DependencyEntry& entry) const;

  // Whether Cargo reads an entry of `package`'s manifest as a dependency of it:
  // dev-dependencies only of members.
  static bool IsRead(const LocalPackage& package, const DependencyEntry& entry);

  // `roots` and all they depend on by path, over every entry that is read.
  // Errors as FolderOf.
  absl::StatusOr<Reached> Closure(const PackageSet& roots) const;

  // Changes the root's manifest; not its package's name.
  void EditRoot(const std::function<void(TomlTable&)>& edit);

 private:
  std::vector<LocalPackage> packages_;
  std::map<std::string, std::size_t, std::less<>> by_folder_;
  std::set<std::string> repeated_names_;
};

// A list of folders in [workspace], "members" or "default-members": paths, and
// patterns as Cargo's glob takes them. Immutable; thread-compatible.
class FolderList {
 public:
  FolderList(const TomlTable& root, std::string_view key);
  bool Contains(const std::string& folder) const;

 private:
  std::set<std::string> paths_;
  std::vector<std::string> patterns_;
};

}  // namespace depcache
