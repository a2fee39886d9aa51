// Upkeep of LayerCache: generations and the limit on stored bytes.

#include <algorithm>

#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/engine/layer_cache.h"

namespace depcache {
namespace {

constexpr std::uint64_t kMinGenerationBytes = 1 << 20;
constexpr std::size_t kCopyBatch = 64;

}  // namespace

absl::Status LayerCache::Maintain() {
  tickets_.Expire();
  const std::uint64_t full_bytes =
      std::max<std::uint64_t>(options_.max_stored_bytes / options_.generations, kMinGenerationBytes);
  if (store_.blobs->Generations().back().stored_bytes >= full_bytes) {
    DEPCACHE_RETURN_IF_ERROR(store_.blobs->Rotate());
  }
  std::vector<BlobHash> wanted;
  {
    MutexLock lock(mutex_);
    wanted.assign(touched_.begin(), touched_.end());
    touched_.clear();
  }
  for (std::size_t i = 0; i < wanted.size(); i += kCopyBatch) {
    const std::size_t count = std::min(kCopyBatch, wanted.size() - i);
    DEPCACHE_RETURN_IF_ERROR(store_.blobs->CopyForward(std::span(&wanted[i], count)));
  }
  return EvictToLimit();
}

absl::Status LayerCache::EvictToLimit() {
  while (stored_bytes() > options_.max_stored_bytes) {
    const std::vector<GenerationState> generations = store_.blobs->Generations();
    if (generations.size() < 2) return absl::OkStatus();
    {
      MutexLock lock(mutex_);
      ++epoch_;
    }
    DEPCACHE_RETURN_IF_ERROR(store_.blobs->DropOldest());
    {
      // A look-up that ran between the two may have cached a layer as whole.
      MutexLock lock(mutex_);
      ++epoch_;
    }
    counters_.Add(Count::kEvictedGenerations);
    counters_.Add(Count::kEvictedBytes, generations.front().stored_bytes);
    Log(LogLevel::kInfo, "evicted generation {}: {} bytes", generations.front().number,
        generations.front().stored_bytes);
  }
  return absl::OkStatus();
}

}  // namespace depcache
