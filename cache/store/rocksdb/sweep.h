#pragma once

#include <atomic>
#include <cstdint>

#include <absl/status/statusor.h>

#include "cache/store/rocksdb/blob_index.h"
#include "cache/store/rocksdb/commit_lane.h"
#include "cache/store/rocksdb/database.h"
#include "cache/store/rocksdb/generations.h"

namespace depcache {

struct SweepCounts {
  std::uint64_t rows = 0;  // of blob_index
  std::uint64_t refs = 0;
};

// Deletes the rows of blobs whose generation nobody can read any more, and the
// refs of blobs without a row. Reads all rows, in steps between which others
// can write; gives up between two steps when `is_stopping` is set. What it
// does not reach stays without harm, and is found by the next sweep.
// Errors: RESOURCE_EXHAUSTED; UNAVAILABLE.
absl::StatusOr<SweepCounts> SweepRows(const Database& database, const Generations& generations,
                                      const BlobIndex& index, CommitLane& lane,
                                      const std::atomic<bool>& is_stopping);

}  // namespace depcache
