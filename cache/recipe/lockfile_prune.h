#pragma once

#include <set>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "cache/recipe/lockfile.h"

namespace depcache {

// The part of `lock` that the local packages named `roots` reach. A lock does
// not tell normal, build, dev and optional dependencies apart, so all of them
// stay: what only a feature that is off would need may be kept, what is needed
// is never lost. Unused patches go.
// Errors: FAILED_PRECONDITION (the lock has no local package of a name in
// `roots`: it is older than the manifests).
absl::StatusOr<Lockfile> PruneLockfile(const Lockfile& lock, const std::set<std::string>& roots);

// Gives the workspace's own packages `version`, except those named in `kept`.
void MaskLocalVersions(Lockfile& lock, std::string_view version, const std::set<std::string>& kept);

// Names that more than one local package has.
std::set<std::string> RepeatedLocalNames(const Lockfile& lock);

}  // namespace depcache
