#pragma once

#include <cstdint>

namespace depcache {

// What a client holds against a unit that it restored. Sent and written to
// stores: never renumber.
enum class ReportReason : std::uint8_t {
  kStale = 1,     // Cargo found it stale right after it was restored
  kUnusable = 2,  // rustc or the system's loader could not use it
  kDiffers = 3,   // compiled again from nothing, other bytes come out
};

}  // namespace depcache
