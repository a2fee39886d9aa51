#include "client/remote/stall_guard.h"

#include <algorithm>
#include <utility>

namespace depcache::client {

StallGuard::StallGuard(std::chrono::milliseconds bound, std::function<void()> on_stall)
    : bound_(bound),
      on_stall_(std::move(on_stall)),
      deadline_(std::chrono::steady_clock::now() + bound),
      thread_([this] { Watch(); }) {}

StallGuard::~StallGuard() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void StallGuard::Progress() {
  MutexLock lock(mutex_);
  deadline_ = std::chrono::steady_clock::now() + bound_;
}

void StallGuard::Pause() {
  MutexLock lock(mutex_);
  deadline_ = SteadyTime::max();
}

void StallGuard::Watch() {
  {
    MutexLock lock(mutex_);
    while (!is_stopping_ && std::chrono::steady_clock::now() < deadline_) {
      // Wakes at least once per bound: the deadline may have moved meanwhile.
      changed_.WaitUntil(mutex_, std::min(deadline_, std::chrono::steady_clock::now() + bound_));
    }
    if (is_stopping_) return;
  }
  has_stalled_ = true;
  on_stall_();
}

}  // namespace depcache::client
