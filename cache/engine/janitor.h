#pragma once

#include <chrono>
#include <thread>

#include "cache/base/mutex.h"
#include "cache/engine/layer_cache.h"

namespace depcache {

// One thread which keeps a LayerCache in order: after writes, and from time to
// time. Thread-safe. Destruction waits for the step that runs.
class Janitor {
 public:
  // `cache` must outlive this object.
  Janitor(LayerCache& cache, std::chrono::milliseconds interval);
  ~Janitor();
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;

  // Makes the next step run soon.
  void Wake();

 private:
  void Work();

  LayerCache& cache_;
  const std::chrono::milliseconds interval_;
  Mutex mutex_;
  CondVar changed_;
  bool is_woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace depcache
