// Sources of git packages: whether a checkout is its commit, and all of it as
// a snapshot that travels.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/recipe/lockfile.h"
#include "client/capture/capture_packages.h"
#include "client/cargo/machine_folders.h"
#include "client/system/process.h"

namespace depcache::client {

// Reads the checkout of a source ("git+…#<commit>") in CARGO_HOME and shows
// that its files are those of the commit: their hashes are those that the
// commit's trees name, none is missing, none is there that git does not know.
// The snapshot (cache/cargo/git_snapshot.h) has them all.
// Errors: FAILED_PRECONDITION, which says why for people (a file was edited or
// added; a submodule; a link that leaves the checkout; no git program);
// RESOURCE_EXHAUSTED (too large); of the disk.
absl::StatusOr<std::string> SnapshotOfCheckout(const std::string& source,
                                               const MachineFolders& folders,
                                               ProcessRunner& processes);

// Records of the git sources of `lock` that are checked out in CARGO_HOME and
// are their commits. One that is not is left out.
std::vector<CapturedPackage> CaptureGitSources(const Lockfile& lock, const MachineFolders& folders,
                                               ProcessRunner& processes);

}  // namespace depcache::client
