#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
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

// Everything that changes rows or the list of generations, and every flush, one
// at a time.
//
// What that buys: a look at what is there and the write that depends on it are
// one step; and RocksDB's log and flushes, which do not take a full disk well
// together, never run together. Payload is put into memory beside it.
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
  absl::Status Commit(const CommitBatch& batch) { return commits_.Commit(batch); }
  // Makes durable what was written to the store before.
  absl::Status Persist();

  absl::Status Rotate();
  // Errors: FAILED_PRECONDITION if there is only one.
  absl::Status DropOldest();

  // Both are durable when they return.
  absl::Status Put(Family family, std::string_view key, std::string_view value);
  absl::Status Erase(Family family, std::string_view key);

  // Deletes those of `keys` for which `is_wanted` is still false when nobody
  // else can write. Not durable by itself: for rows that mislead nobody.
  absl::Status Sweep(Family family, std::span<const std::string> keys,
                     const std::function<bool(std::string_view key)>& is_wanted);

  // For a blob that could not be read: reads it once more and, if that fails
  // too, drops it from `generation` and from the index. DATA_LOSS the first
  // time, NOT_FOUND after.
  absl::StatusOr<Frame> Reread(const std::shared_ptr<Generation>& generation, const BlobHash& hash);

  // OK if a write may be tried; after an error it tries to go on first.
  absl::Status EnsureWritable();
  // Flushes `generation` if it has `max_bytes` or more in memory.
  absl::Status FlushIfLarge(const std::shared_ptr<Generation>& generation, std::uint64_t max_bytes);
  absl::Status FlushRows();

 private:
  // Says so in the log when writes are taken again.
  absl::Status Resume() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status RunRound(GroupCommit::Batches batches);
  absl::Status RunRoundLocked(GroupCommit::Batches batches)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Those of `numbers` that are there.
  absl::Status FlushGenerations(const std::set<std::uint32_t>& numbers)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ForgetLost(const Generation& generation, const BlobHash& hash)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AtPoint(std::string_view point) const {
    if (on_point_) on_point_(point);
  }

  const std::shared_ptr<Database> database_;
  Generations& generations_;
  BlobIndex& index_;
  const OnPoint on_point_;
  GroupCommit commits_;
  Mutex mutex_;
};

}  // namespace depcache
