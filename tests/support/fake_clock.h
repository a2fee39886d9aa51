#pragma once

#include <chrono>

#include "cache/base/clock.h"
#include "cache/base/mutex.h"

namespace depcache::testing {

// Time that passes when a test says so. Thread-safe.
class FakeClock final : public Clock {
 public:
  WallTime Now() const override {
    MutexLock lock(mutex_);
    return now_;
  }
  SteadyTime SteadyNow() const override {
    MutexLock lock(mutex_);
    return steady_;
  }
  void Advance(std::chrono::seconds time) {
    MutexLock lock(mutex_);
    now_ += time;
    steady_ += time;
  }

 private:
  mutable Mutex mutex_;
  WallTime now_ ABSL_GUARDED_BY(mutex_) = WallTime(std::chrono::seconds(1'800'000'000));
  SteadyTime steady_ ABSL_GUARDED_BY(mutex_) = SteadyTime(std::chrono::hours(1));
};

}  // namespace depcache::testing
