#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "cache/base/clock.h"
#include "cache/base/digest.h"
#include "cache/base/mutex.h"
#include "cache/store/catalog.h"

namespace depcache {

// Blobs that were written into a scope and not committed yet. Forgotten after
// `ttl` or when `max_refs` newer ones came: the writer then finds them missing
// and writes them again. Thread-safe.
class PendingRefs {
 public:
  // `clock` must outlive this object.
  PendingRefs(const Clock& clock, std::chrono::seconds ttl, std::size_t max_refs)
      : clock_(clock), ttl_(ttl), max_refs_(max_refs) {}

  void Add(const ScopeKey& scope, std::span<const BlobHash> hashes);
  // One entry per hash.
  std::vector<bool> Contains(const ScopeKey& scope, std::span<const BlobHash> hashes);
  std::size_t size();

 private:
  using Ref = std::pair<ScopeKey, BlobHash>;
  void DropEnded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const std::chrono::seconds ttl_;
  const std::size_t max_refs_;
  Mutex mutex_;
  std::map<Ref, SteadyTime> ends_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::pair<SteadyTime, Ref>> order_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace depcache
