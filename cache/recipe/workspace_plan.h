#pragma once

#include <set>
#include <string>

#include <absl/status/statusor.h>

#include "cache/recipe/local_packages.h"
#include "cache/recipe/lockfile.h"
#include "cache/recipe/toml_value.h"

namespace depcache {

// A workspace, and which part of it some packages need.
struct WorkspacePlan {
  LocalPackages packages;
  TomlTable config;  // merged
  Lockfile lock;
  PackageSet kept;
  std::set<LocalPackages::Missing> missing;
  // Names of packages whose version must not be masked.
  std::set<std::string> versioned;
};

enum class PlanScope { kWhole, kNarrowed };

// Fills `kept`, `missing` and `versioned` for the packages `selected`: those,
// what they depend on by path, and what the [patch] and [replace] entries of
// root manifest and configuration name by path. Narrowed, the lock loses what
// the kept packages do not reach, and then [patch] and [replace] the entries
// that nothing left in the lock comes from. If a manifest is missing, the rest
// is not filled yet.
// Errors: FAILED_PRECONDITION (a path dependency outside the root; a package
// that the lock does not know).
absl::StatusOr<WorkspacePlan> PlanFor(WorkspacePlan plan, const PackageSet& selected,
                                      PlanScope scope);

}  // namespace depcache
