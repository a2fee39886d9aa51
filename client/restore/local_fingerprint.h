// A stored fingerprint as Cargo on this machine would have computed it.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/cargo_fingerprint.h"
#include "cache/layer/unit_record.h"
#include "client/cargo/machine_folders.h"

namespace depcache::client {

struct LocalUnit {
  Fingerprint fingerprint;
  std::uint64_t hash = 0;  // FingerprintHash(fingerprint)
};

// For each record, dependencies first: paths rendered with the folders of this
// machine, `path` recomputed, hashes of dependencies replaced by theirs here.
//
// Rewriting `path` switches off Cargo's own check that a unit belongs to these
// sources; the unit key has matched the package's checksum instead.
//
// Errors: INVALID_ARGUMENT, naming the package.
absl::StatusOr<std::vector<LocalUnit>> LocalFingerprints(std::span<const UnitRecord> records,
                                                         const MachineFolders& folders);

}  // namespace depcache::client
