#include "cache/engine/janitor.h"

#include "cache/base/log.h"
#include "cache/base/status.h"

namespace depcache {

Janitor::Janitor(LayerCache& cache, std::chrono::milliseconds interval)
    : cache_(cache), interval_(interval), thread_([this] { Work(); }) {}

Janitor::~Janitor() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void Janitor::Wake() {
  {
    MutexLock lock(mutex_);
    is_woken_ = true;
  }
  changed_.NotifyAll();
}

void Janitor::Work() {
  while (true) {
    {
      MutexLock lock(mutex_);
      const SteadyTime next = std::chrono::steady_clock::now() + interval_;
      while (!is_woken_ && !is_stopping_ && changed_.WaitUntil(mutex_, next)) {
      }
      if (is_stopping_) return;
      is_woken_ = false;
    }
    if (const absl::Status status = cache_.Maintain(); !status.ok()) {
      Log(LogLevel::kWarn, "upkeep of the store: {}", MessageOf(status));
    }
  }
}

}  // namespace depcache
