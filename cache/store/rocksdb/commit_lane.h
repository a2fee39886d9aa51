#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/mutex.h"
#include "cache/store/rocksdb/blob_index.h"
#include "cache/store/rocksdb/database.h"
#include "cache/store/rocksdb/generations.h"
#include "cache/store/rocksdb/group_commit.h"

namespace depcache {

// Everything that changes rows or the list of generations, one at a time.
//
// What that buys: a look at what is there and the write that depends on it are
// one step, and RocksDB's log has one writer. Payload is written beside it.
//
// Thread-safe. All errors: RESOURCE_EXHAUSTED (disk full); UNAVAILABLE.
class CommitLane {
 public:
  using OnPoint = std::function<void(std::string_view point)>;

  // `generations` and `index` must outlive this object.
  CommitLane(std::shared_ptr<Database> database, Generations& generations, BlobIndex& index,
             OnPoint on_point);

  // As Catalog::Commit, within limits. Shares its flush and its sync with
  // commits that wait at the same time.
  absl::Status Commit(const CommitRequest& request) { return commits_.Commit(request); }
  // Makes durable what was written to the store before.
  absl::Status Persist();

  absl::Status Rotate();
  // Errors: FAILED_PRECONDITION if there is only one.
  absl::Status DropOldest();

  // Durable when it returns.
  absl::Status Erase(Family family, std::string_view key);

  // Deletes those of `keys` for which `is_wanted` is still false when nobody
  // else can write. Not durable by itself: for rows that mislead nobody.
  absl::Status Sweep(Family family, std::span<const std::string> keys,
                     const std::function<bool(std::string_view key)>& is_wanted);

  // For a blob that could not be read: reads it once more and, if that fails
  // too, drops it from `generation` and from the index. DATA_LOSS the first
  // time, NOT_FOUND after.
  absl::StatusOr<Frame> Reread(const std::shared_ptr<Generation>& generation, const BlobHash& hash);

  // Each commit leaves a log file behind until its rows are flushed; this many
  // commits wait for FlushRows.
  int commits_since_flush() const;
  absl::Status FlushRows();

 private:
  absl::Status RunRound(std::span<const CommitRequest> requests);
  absl::Status RunRoundLocked(std::span<const CommitRequest> requests)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status FlushPayload(std::span<const BlobIndex::WaitingRow> rows)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AtPoint(std::string_view point) const {
    if (on_point_) on_point_(point);
  }

  const std::shared_ptr<Database> database_;
  Generations& generations_;
  BlobIndex& index_;
  const OnPoint on_point_;
  GroupCommit commits_;
  mutable Mutex mutex_;
  int commits_since_flush_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace depcache
