#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "cache/base/clock.h"
#include "cache/base/mutex.h"

namespace depcache::client {

// Calls `on_stall` once if nothing is reported for `bound`. Thread-safe.
// Destruction ends the watch.
class StallGuard {
 public:
  StallGuard(std::chrono::milliseconds bound, std::function<void()> on_stall);
  ~StallGuard();
  StallGuard(const StallGuard&) = delete;
  StallGuard& operator=(const StallGuard&) = delete;

  // Something came: the bound starts anew.
  void Progress();
  // Silence is expected (we are busy ourselves) until the next Progress.
  void Pause();
  bool has_stalled() const { return has_stalled_; }

 private:
  void Watch();

  const std::chrono::milliseconds bound_;
  const std::function<void()> on_stall_;
  std::atomic<bool> has_stalled_ = false;
  Mutex mutex_;
  CondVar changed_;
  SteadyTime deadline_ ABSL_GUARDED_BY(mutex_);
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace depcache::client
