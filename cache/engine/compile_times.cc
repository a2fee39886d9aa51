#include "cache/engine/compile_times.h"

#include <algorithm>

namespace depcache {

void CompileTimes::Note(const ScopeKey& scope, const std::string& name, std::uint32_t compile_ms) {
  if (compile_ms == 0) return;
  Key key{scope, name};
  MutexLock lock(mutex_);
  const bool is_new = times_.insert_or_assign(key, compile_ms).second;
  if (!is_new) return;
  order_.push_back(std::move(key));
  if (order_.size() <= max_units_) return;
  times_.erase(order_.front());
  order_.pop_front();
}

CompileTimes::Expected CompileTimes::Of(const ScopeKey& scope,
                                        std::span<const std::string> names) {
  Expected expected;
  MutexLock lock(mutex_);
  for (const std::string& name : names) {
    const auto time = times_.find({scope, name});
    if (time == times_.end()) {
      ++expected.unknown;
      continue;
    }
    expected.total_ms += time->second;
    expected.longest_ms = std::max<std::uint64_t>(expected.longest_ms, time->second);
  }
  return expected;
}

}  // namespace depcache
