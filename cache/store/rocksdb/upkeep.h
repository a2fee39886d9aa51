#pragma once

#include <atomic>
#include <memory>

#include "cache/base/thread_pool.h"
#include "cache/store/rocksdb/blob_index.h"
#include "cache/store/rocksdb/commit_lane.h"
#include "cache/store/rocksdb/database.h"
#include "cache/store/rocksdb/generations.h"

namespace depcache {

// What is done behind the commits, on a thread of its own: merges small files
// of generations, and deletes the rows of generations that nobody can read any
// more. Thread-safe.
class Upkeep {
 public:
  // The references must outlive this object.
  Upkeep(std::shared_ptr<Database> database, Generations& generations, BlobIndex& index,
         CommitLane& lane);
  // Gives up what is under way at its next step.
  ~Upkeep() { is_stopping_ = true; }
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  // Something was written or dropped. Never waits.
  void Notice();
  // Returns when all that was noticed before is done.
  void Wait() { pool_.Wait(); }

 private:
  void Run();
  // Both log what goes wrong; the next time something is noticed they are
  // tried again.
  void MergeFiles(Generation& generation);
  void SweepRows();

  const std::shared_ptr<Database> database_;
  Generations& generations_;
  BlobIndex& index_;
  CommitLane& lane_;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<bool> is_queued_ = false;
  ThreadPool pool_{1};
};

}  // namespace depcache
