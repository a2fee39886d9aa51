// Git sources into CARGO_HOME, so that cargo checks them out without a network.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/layer/layer_index.h"
#include "cache/recipe/lockfile.h"
#include "client/cargo/machine_folders.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

// The git sources of the lock whose commit CARGO_HOME does not have, as the
// packages by which the server knows them (client/cargo/source_ids.h). A
// commit counts as there if it is checked out, or was restored by us.
std::vector<PackageId> FindGitGaps(const Lockfile& lock, const MachineFolders& folders);

// Files which say that the lock's git sources are in CARGO_HOME, as paths below
// it; of those that are.
std::vector<std::string> GitFiles(const Lockfile& lock, const MachineFolders& folders);

struct GitResult {
  std::uint32_t repositories = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_received = 0;
};

// Adds the objects of each missing commit to its repository below git/db, which
// is made if need be, under Cargo's lock on CARGO_HOME. Every object is checked
// by walking from the commit that *this* lock names. Nothing else of a
// repository is taken from the wire: no configuration, no hook, no ref, no path.
// Errors: of the disk; PERMISSION_DENIED where CARGO_HOME is read-only; of the
// stream; DATA_LOSS (not what the lock names), after which nothing of that
// source is there.
absl::StatusOr<GitResult> RestoreGit(const std::vector<PackageId>& gaps,
                                     std::span<const PackageRecord> records,
                                     const MachineFolders& folders, BlobStream& blobs);

}  // namespace depcache::client
