#pragma once

#include <functional>
#include <span>
#include <vector>

#include <absl/status/status.h>

#include "cache/base/mutex.h"
#include "cache/store/catalog.h"

namespace depcache {

// Joins commits which wait at the same time into rounds: one flush and one
// sync serve all of a round. Thread-safe.
//
// A commit is only ever part of a round that begins after the commit was
// asked for: what a round flushes therefore covers all that was written before
// any of its commits, and no commit is answered by an earlier flush.
class GroupCommit {
 public:
  // Batches borrowed from the waiting callers; none is nullptr.
  using Batches = std::span<const CommitBatch* const>;
  // Writes all of these or none. Called by one thread at a time, without a
  // lock of this class.
  using Round = std::function<absl::Status(Batches batches)>;

  explicit GroupCommit(Round round) : round_(std::move(round)) {}

  // Waits for a round with `batch` in it and returns how it went. Runs it
  // itself if nobody else does.
  absl::Status Commit(const CommitBatch& batch);

  // Of commits for the next round.
  std::size_t waiting_count() const;

 private:
  struct Waiter {
    const CommitBatch* batch;
    absl::Status status;
    bool is_done = false;
  };
  void RunRound() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Round round_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<Waiter*> waiting_ ABSL_GUARDED_BY(mutex_);
  bool is_running_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace depcache
