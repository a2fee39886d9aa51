#include "cache/store/rocksdb/group_commit.h"

#include <utility>

namespace depcache {

absl::Status GroupCommit::Commit(const CommitBatch& batch) {
  Waiter self{&batch, absl::OkStatus(), false};
  MutexLock lock(mutex_);
  waiting_.push_back(&self);
  while (is_running_ && !self.is_done) changed_.Wait(mutex_);
  if (!self.is_done) RunRound();
  return self.status;
}

std::size_t GroupCommit::waiting_count() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

void GroupCommit::RunRound() {
  is_running_ = true;
  const std::vector<Waiter*> members = std::exchange(waiting_, {});
  std::vector<const CommitBatch*> batches;
  batches.reserve(members.size());
  for (const Waiter* member : members) batches.push_back(member->batch);

  mutex_.Unlock();
  const absl::Status status = round_(batches);
  mutex_.Lock();

  for (Waiter* member : members) {
    member->status = status;
    member->is_done = true;
  }
  is_running_ = false;
  changed_.NotifyAll();
}

}  // namespace depcache
