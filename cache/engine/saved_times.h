#pragma once

#include <cstdint>
#include <map>

#include "cache/base/digest.h"
#include "cache/base/mutex.h"

namespace depcache {

// The compile time that the holder of a ticket is spared, counted when bytes
// are handed out and not when they are found: a look-up alone saves nothing.
// A layer's time goes with the first blob of its index, a unit's with its
// record, which every restore reads; each is counted once for a ticket.
// Thread-safe.
class SavedTimes {
 public:
  // Of two times for one blob the first stays.
  void Add(const BlobHash& blob, std::uint64_t compile_ms);
  // The milliseconds that go with `blob` the first time, then 0.
  std::uint64_t Claim(const BlobHash& blob);

 private:
  Mutex mutex_;
  std::map<BlobHash, std::uint64_t> times_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace depcache
