#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "cache/base/mutex.h"

namespace depcache {

// A fixed number of threads which run tasks in the order they were added.
//
// Thread-safe. Destruction runs what is queued, then joins. A task must not
// throw and must not wait for another task of the same pool.
class ThreadPool {
 public:
  // `threads` >= 1. With `max_queued` > 0, Add waits while that many are queued.
  explicit ThreadPool(std::size_t threads, std::size_t max_queued = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void Add(std::function<void()> task);
  // Returns when all tasks added before are done.
  void Wait();

 private:
  void Work();

  const std::size_t max_queued_;
  Mutex mutex_;
  CondVar added_;
  CondVar taken_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  std::size_t running_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace depcache
