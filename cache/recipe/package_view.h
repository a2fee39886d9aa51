#pragma once

#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/recipe/cook_selection.h"
#include "cache/recipe/local_packages.h"
#include "cache/recipe/skeleton.h"

namespace depcache {

// What of the workspace's own packages can change how a dependency is compiled,
// as sorted lines "package: key = value". Dependencies, with local packages
// named instead of located; features; which kinds of targets there are, with
// what Cargo decides by (crate types, harness, required features). Left out:
// names and sources of targets, version, edition, `links`, where a package
// lies, and [profile], [patch] and [replace], which are parts of their own.
// Keys that are not known here stay in: in doubt a recipe differs.
//
// `packages` are those of `skeleton`, `kept` says which of them count.
// Errors: FAILED_PRECONDITION (an artifact dependency, whose output cannot be
// captured; a path outside the root).
absl::StatusOr<std::vector<std::string>> PackageLines(const LocalPackages& packages,
                                                      const PackageSet& kept,
                                                      const Skeleton& skeleton,
                                                      const CookSelection& selection);

// What of the root's manifest belongs to the workspace and counts:
// `cargo-features`, and keys of [workspace] which have no part of their own.
std::vector<std::string> WorkspaceLines(const TomlTable& root);

// Lines for the root's (or a configuration's) [patch] and [replace] tables.
// Errors as PackageLines.
absl::StatusOr<std::vector<std::string>> PatchLines(const LocalPackages& packages,
                                                    const TomlTable& table);

}  // namespace depcache
