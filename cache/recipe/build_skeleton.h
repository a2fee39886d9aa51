// Makes a skeleton from the texts of a workspace. Who reads the files is the
// client; nothing here does.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/recipe/narrowing.h"
#include "cache/recipe/skeleton.h"

namespace depcache {

// A Cargo target as `cargo metadata --no-deps` lists it.
struct TargetText {
  std::vector<std::string> kinds;  // "lib", "bin", "custom-build", "proc-macro", "cdylib"…
  std::vector<std::string> crate_types;
  std::string name;
  std::string path;  // src_path, relative to the workspace root
};

// A manifest of the workspace, or one that it reaches by path.
struct PackageText {
  std::string manifest_path;  // relative to the root; starts with "../" if it is outside
  std::string text;
  // False for packages that members only reach by path: excluded ones, and
  // those that [patch] or [replace] name.
  bool is_member = true;
  // May be empty for packages which are no members and which `cargo metadata`
  // therefore leaves out: then a library in its usual place is assumed, and
  // the build script that the manifest names, or Cargo finds.
  std::vector<TargetText> targets;
  // `build.rs` lies beside the manifest. Only asked of those.
  bool has_build_rs = false;
  // Of one outside that is no member and inherits: the root manifest of the
  // workspace it belongs to. Else empty.
  std::string workspace_path = {};
  std::string workspace_text = {};
};

struct WorkspaceText {
  // Any order. The root's "Cargo.toml" must be there, also if it has no
  // [package]; packages that nothing selected depends on may be.
  std::vector<PackageText> packages;
  std::optional<std::string> lock;
  // The workspace's own configuration only: <root>/.cargo/config.toml after
  // what it includes, lowest precedence first. Those of folders above the root
  // and of CARGO_HOME belong to the machine: CookEnvironment::outer_configs.
  std::vector<std::string> configs;
  std::optional<ToolchainFile> toolchain;
  // Absolute folder of the checkout, which is not in the skeleton; "": packages
  // outside it are refused.
  std::string root = {};
};

// The skeleton: manifests masked, in the root's [workspace] the members listed
// one by one, inherited dependencies that nobody uses dropped, Cargo.lock in
// canonical form. It depends neither on the order of anything in `workspace`
// nor on comments, versions or descriptions.
//
// Narrowed, only the packages below the named ones stay, over path
// dependencies of every kind; default-members goes, [patch] and [replace] keep
// what the rest of the lock uses, and the lock is pruned by reachability. A
// root package that nothing selected depends on leaves its [package] behind.
//
// Packages outside the root stand below it (outside_packages.h).
//
// A package keeps its version if a [patch] or [replace] entry names its path,
// or if another one in the workspace has its name.
//
// Thread-safe. Errors: FAILED_PRECONDITION (no Cargo.lock, or one that is older
// than the manifests or of an unknown format; a path dependency or target
// outside a root that is not told); NOT_FOUND (a narrowing name that nothing
// has; the message lists the nearest); INVALID_ARGUMENT. The file at fault is
// named.
absl::StatusOr<Skeleton> BuildSkeleton(const WorkspaceText& workspace,
                                       const Narrowing& narrowing = {});

// Paths of manifests that the skeleton needs and `workspace` does not have, as
// in PackageText: read them, add them, ask again until none is missing. Errors
// as BuildSkeleton.
absl::StatusOr<std::vector<std::string>> MissingManifests(const WorkspaceText& workspace,
                                                          const Narrowing& narrowing = {});

// The root's Cargo.toml and Cargo.lock as a build of a narrowed workspace needs
// them: Cargo then asks for nothing that only other members need.
struct NarrowedFiles {
  std::string root_manifest;
  std::string lock;
};

// As BuildSkeleton narrows, but nothing is masked: versions, lints and metadata
// stay, since members are compiled with these files. Comments go. Errors as
// BuildSkeleton, and FAILED_PRECONDITION for any package outside the root.
absl::StatusOr<NarrowedFiles> NarrowWorkspace(const WorkspaceText& workspace,
                                              const Narrowing& narrowing);

}  // namespace depcache
