#include "cache/engine/saved_times.h"

#include <utility>

namespace depcache {

void SavedTimes::Add(const BlobHash& blob, std::uint64_t compile_ms) {
  MutexLock lock(mutex_);
  times_.emplace(blob, compile_ms);
}

std::uint64_t SavedTimes::Claim(const BlobHash& blob) {
  MutexLock lock(mutex_);
  const auto time = times_.find(blob);
  return time == times_.end() ? 0 : std::exchange(time->second, 0);
}

}  // namespace depcache
