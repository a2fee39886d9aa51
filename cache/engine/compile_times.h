// How long units took to compile: what a build of units that nobody has yet is
// expected to take, so that nobody waits longer for another builder than a
// build of its own would last. Advice only, and in memory: a restart forgets it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "cache/base/mutex.h"
#include "cache/store/catalog.h"

namespace depcache {

// Thread-safe.
class CompileTimes {
 public:
  struct Expected {
    std::uint64_t total_ms = 0;    // of all units together
    std::uint64_t longest_ms = 0;  // of the slowest one
    std::size_t unknown = 0;       // units that were never seen
  };

  // Keeps the times of this many units; the oldest are forgotten first.
  explicit CompileTimes(std::size_t max_units = 100'000) : max_units_(max_units) {}

  // `name` as TimeNameOf gives it. The last time counts; 0 is none.
  void Note(const ScopeKey& scope, const std::string& name, std::uint32_t compile_ms);
  Expected Of(const ScopeKey& scope, std::span<const std::string> names);

 private:
  using Key = std::pair<ScopeKey, std::string>;

  const std::size_t max_units_;
  Mutex mutex_;
  std::map<Key, std::uint32_t> times_ ABSL_GUARDED_BY(mutex_);
  std::deque<Key> order_ ABSL_GUARDED_BY(mutex_);  // as they came
};

}  // namespace depcache
