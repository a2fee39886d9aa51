// Package sources into CARGO_HOME, so that cargo builds without a network.

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

// What CARGO_HOME lacks of the registry packages of a lock.
struct RegistryGaps {
  // Packages whose version no index file has: cargo --offline then knows
  // nothing of them, whether they are compiled or not.
  std::vector<PackageId> without_index;
  // Packages whose .crate file is not there; only some of them are needed.
  std::vector<PackageId> without_crate;
  // Sparse registries other than crates.io whose config.json is not there
  // (client/cargo/source_ids.h). Without it Cargo makes nothing of their index.
  std::vector<PackageId> without_config;

  bool IsEmpty() const {
    return without_index.empty() && without_crate.empty() && without_config.empty();
  }
};

RegistryGaps FindGaps(const Lockfile& lock, const MachineFolders& folders);

// Index and .crate files of the lock's packages that are in CARGO_HOME now, as
// paths below it.
std::vector<std::string> RegistryFiles(const Lockfile& lock, const MachineFolders& folders);

struct RegistryResult {
  std::uint32_t index_entries = 0;
  std::uint32_t crates = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_received = 0;
  // Packages of the lock which still have no index entry that Cargo reads.
  std::vector<PackageId> still_without_index;
};

// Writes index entries and .crate files that are missing, from `records`,
// under Cargo's lock on CARGO_HOME. Each is checked against the checksum of
// *this* lock: Cargo does not check a cached .crate again. A file that is
// there stays as it is. Of a registry without config.json, here or among the
// records, only .crate files are written.
// Errors: of the disk; PERMISSION_DENIED where CARGO_HOME is read-only; of the
// stream.
absl::StatusOr<RegistryResult> RestoreRegistry(const Lockfile& lock, const RegistryGaps& gaps,
                                               std::span<const PackageRecord> records,
                                               const MachineFolders& folders, BlobStream& blobs);

}  // namespace depcache::client
