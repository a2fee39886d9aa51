// Restores units into a build directory, from siblings on this machine and
// from a stream of blobs.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/layer/unit_record.h"
#include "client/cargo/machine_folders.h"
#include "client/remote/remote_cache.h"
#include "client/restore/restore_plan.h"

namespace depcache::client {

struct RestoreResult {
  // Per record: OK if the unit is now in the build directory, complete.
  std::vector<absl::Status> units;
  std::uint64_t files_written = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_received = 0;  // frames
  std::uint64_t bytes_copied = 0;    // plain, from siblings
};

struct RestoreSource {
  BlobStream& blobs;
  // Build directories that may have some of it (sibling_files.h), best first.
  std::span<const std::filesystem::path> siblings = {};
};

// Called from time to time with what has been received of what was asked for,
// in plain bytes.
using RestoreProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Writes the units which `plan` says are to be written; hash files last. A
// unit whose blobs cannot be had, and all that stand on it, are left out and
// nothing of them stays. The caller holds Cargo's locks.
//
// Errors: CANCELLED (interrupted: no unit was finished); of the disk, before
// anything was finished. A stream that breaks is not an error: what needed the
// rest is left out, with its status.
absl::StatusOr<RestoreResult> RestoreUnits(const RestorePlan& plan,
                                           std::span<const UnitRecord> records,
                                           const MachineFolders& folders,
                                           const RestoreSource& source,
                                           const RestoreProgress& progress);

}  // namespace depcache::client
