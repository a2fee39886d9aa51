#include "cache/engine/pending_refs.h"

namespace depcache {

void PendingRefs::Add(const ScopeKey& scope, std::span<const BlobHash> hashes) {
  const SteadyTime end = clock_.SteadyNow() + ttl_;
  MutexLock lock(mutex_);
  for (const BlobHash& hash : hashes) {
    Ref ref{scope, hash};
    const auto [known, is_new] = ends_.try_emplace(ref, end);
    if (!is_new && known->second == end) continue;  // one entry in order_ per end
    known->second = end;
    order_.emplace_back(end, std::move(ref));
  }
  DropEnded();
}

std::vector<bool> PendingRefs::Contains(const ScopeKey& scope, std::span<const BlobHash> hashes) {
  std::vector<bool> found;
  found.reserve(hashes.size());
  MutexLock lock(mutex_);
  DropEnded();
  for (const BlobHash& hash : hashes) found.push_back(ends_.contains(Ref{scope, hash}));
  return found;
}

std::size_t PendingRefs::size() {
  MutexLock lock(mutex_);
  return ends_.size();
}

void PendingRefs::DropEnded() {
  const SteadyTime now = clock_.SteadyNow();
  while (!order_.empty() && (order_.front().first <= now || order_.size() > max_refs_)) {
    const auto& [end, ref] = order_.front();
    // A ref which was added again has a later entry of its own.
    const auto it = ends_.find(ref);
    if (it != ends_.end() && it->second == end) ends_.erase(it);
    order_.pop_front();
  }
}

}  // namespace depcache
