#pragma once

#include <set>
#include <string>

#include "cache/recipe/local_packages.h"
#include "cache/recipe/toml_value.h"
#include "cache/recipe/workspace_plan.h"

namespace depcache {

// Makes the root's manifest fit the packages that a skeleton keeps:
// [workspace] is there, lists the kept members one by one and excludes the
// kept packages that are none; [workspace.dependencies] has only what a kept
// package inherits. Narrowed, default-members goes, and so does the root's
// own package if it is not kept; the resolver that its edition implied is
// then written out.
TomlTable RootManifest(const LocalPackages& packages, const PackageSet& kept, PlanScope scope);

// Removes what of a root's manifest belongs to its package, not to the
// workspace.
void StripPackage(TomlTable& manifest);

}  // namespace depcache
