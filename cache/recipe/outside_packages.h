// Packages outside the workspace root, which members or [patch] name by path,
// and sources of targets there.
//
// In a skeleton they stand in a folder of their own below the root, so that it
// is complete and no path leaves it: what lies in the folder N steps above the
// root (1: its parent) stands in ".outside/N". Paths in manifests that lead
// there are rewritten. All text: no file system is asked.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cache/recipe/toml_value.h"

namespace depcache {

inline constexpr std::string_view kOutsideFolder = ".outside";

bool IsOutside(std::string_view skeleton_path);

// Of a path in a skeleton, as seen from the root of the checkout:
// ".outside/2/a/Cargo.toml" -> "../../a/Cargo.toml"; what is inside stays.
std::string RealPath(std::string_view skeleton_path);

// The inverse, of a normal relative path.
std::string SkeletonPath(std::string_view real_path);

// Where paths in manifests lead. Immutable.
class Places {
 public:
  // `root`: absolute folder of the workspace, only to tell what "../name/x" is;
  // "": nothing may lie outside.
  explicit Places(std::string root) : root_(std::move(root)) {}

  // Folder in the skeleton of what a manifest in `folder` (in the skeleton)
  // calls `path`. nullopt if it lies outside and nothing may.
  std::optional<std::string> Resolve(std::string_view folder, std::string_view path) const;

  // Makes paths of dependencies, in every table, of targets and of the build
  // script lead to where these stand in the skeleton. Those between folders
  // inside the root stay as written. A package outside does not say any more
  // where its workspace is: above it.
  void Rewrite(TomlTable& manifest, std::string_view folder) const;

  // Makes the manifest of a package outside whole and plain: what it inherits
  // from the root of its own workspace (`workspace`, in `workspace_folder`;
  // Cargo: util/toml/mod.rs, inner_dependency_inherit_with) is written out, and
  // what only a workspace's root may say goes. Before Rewrite.
  void Settle(TomlTable& manifest, std::string_view folder, const TomlTable* workspace,
              std::string_view workspace_folder) const;

 private:
  std::string root_;
};

// Whether a field of [package] or a dependency says `workspace = true`.
bool Inherits(const TomlTable& manifest);

}  // namespace depcache
