// Which modification times make restored units fresh.
//
// Cargo takes a unit for stale if an output of a dependency is newer than its
// own newest output, or a file it names as an input is newer than the file
// which names it (check_filesystem in compiler/fingerprint/mod.rs). Equal
// times are fresh. So every file of a unit gets one time, at least that of
// everything below it, and as far in the past as that allows: units which
// Cargo compiles itself are then always newer.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace depcache {

// 2000-01-01 00:00:00 UTC, in seconds since 1970. Not 0: tools take that for
// "no time", and archives cannot hold it.
inline constexpr std::int64_t kBaseTime = 946'684'800;

// The least whole second which is not before a time of a file.
constexpr std::int64_t NotBefore(std::int64_t seconds, std::int64_t nanoseconds) {
  return nanoseconds > 0 ? seconds + 1 : seconds;
}

struct TimedUnit {
  // Indices of units it is built from, each below its own.
  std::vector<std::size_t> deps;
  // NotBefore of the newest file outside the plan that it must not be older
  // than: inputs which Cargo looks at (those below $CARGO_HOME/registry and
  // $CARGO_HOME/git it does not), outputs of a dependency that stays as it is.
  std::int64_t not_before = 0;
};

// The time of each unit's files, in seconds since 1970.
// Aborts if a dependency does not come before its dependent.
std::vector<std::int64_t> PlanTimes(std::span<const TimedUnit> units);

}  // namespace depcache
