#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/status.h>

#include "cache/base/mutex.h"

namespace depcache::server {

// Upper bounds of the classes of duration, in seconds; one more class is above.
inline constexpr std::array<double, 10> kCallSeconds = {0.001, 0.005, 0.02, 0.1, 0.5,
                                                        1,     5,     20,   60,  300};

// The calls of one method that ended with one code.
struct CallTally {
  std::uint64_t calls = 0;
  double seconds = 0;  // sum of their durations
  std::array<std::uint64_t, kCallSeconds.size() + 1> by_duration{};
};

// Counts calls by method and code, since the start. Thread-safe.
class CallStats {
 public:
  using Tallies = std::map<std::pair<std::string, absl::StatusCode>, CallTally>;

  void Begin(std::string_view method);
  // Once for each Begin.
  void End(std::string_view method, absl::StatusCode code, std::chrono::duration<double> elapsed);

  Tallies Get();
  // Calls that begun and did not end: of a streaming method.
  std::uint32_t StreamsUnderWay();
  // Of any method.
  std::uint32_t CallsUnderWay();

 private:
  Mutex mutex_;
  Tallies tallies_ ABSL_GUARDED_BY(mutex_);
  std::uint32_t streams_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint32_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace depcache::server
