// Units of a Go layer into GOMODCACHE and GOCACHE.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/go/go_sum.h"
#include "cache/layer/unit_record.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

struct GoCaches {
  std::filesystem::path modules;  // GOMODCACHE
  std::filesystem::path build;    // GOCACHE
};

enum class GoUnitState {
  kPresent,   // all its files were there
  kRestored,  // some or all were written
  kFailed,    // Go makes it again
};

struct GoRestored {
  std::vector<GoUnitState> units;  // per record
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_written = 0;
  absl::Status first_error;  // why a unit failed; OK if none did
};

// Fetches what is not there and writes it: each file whole, checked, under
// another name first. Nothing outside the two caches is touched, and no folder
// that Go made read-only is written to. A file that has its size already stays.
//
// Checked: every output against its name, every action against its unit, every
// .mod and .zip against `sums` (this checkout's go.sum, byte by byte: Go would
// take a cached zip for good).
// Errors: of the disk. What is wrong with a unit or breaks the stream fails
// units instead.
absl::StatusOr<GoRestored> RestoreGoUnits(std::span<const UnitRecord> records, const GoSum& sums,
                                          const GoCaches& caches, BlobStream& blobs);

}  // namespace depcache::client
