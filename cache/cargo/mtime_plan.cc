#include "cache/cargo/mtime_plan.h"

#include <algorithm>

#include "cache/base/check.h"

namespace depcache {

std::vector<std::int64_t> PlanTimes(std::span<const TimedUnit> units) {
  std::vector<std::int64_t> times;
  times.reserve(units.size());
  for (const TimedUnit& unit : units) {
    std::int64_t time = std::max(kBaseTime, unit.not_before);
    for (const std::size_t dep : unit.deps) {
      DEPCACHE_CHECK(dep < times.size());
      time = std::max(time, times[dep]);
    }
    times.push_back(time);
  }
  return times;
}

}  // namespace depcache
