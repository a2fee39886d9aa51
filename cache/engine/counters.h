#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace depcache {

// What a server did since it started; a restart begins again at zero.
enum class Count : std::size_t {
  kHits,         // look-ups of a recipe that gave a layer
  kPartialHits,  // look-ups of a plan that gave some unit; each comes after a look-up of its recipe
  kMisses,       // look-ups of a recipe that gave none
  kBytesServed,  // bytes of frames handed out
  kBytesReceived,   // bytes of frames taken in, those included that were known
  kCompileMsSaved,  // compile time of what was handed out (SavedTimes)
  kEvictedGenerations,
  kEvictedBytes,
  kReports,  // of units, those that were heard before included
};
inline constexpr std::size_t kCountNumber = 9;

// Thread-safe, without locks: values of one moment need not fit each other.
class Counters {
 public:
  void Add(Count which, std::uint64_t amount = 1) {
    values_[static_cast<std::size_t>(which)].fetch_add(amount, std::memory_order_relaxed);
  }
  std::uint64_t Get(Count which) const {
    return values_[static_cast<std::size_t>(which)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, kCountNumber> values_{};
};

}  // namespace depcache
