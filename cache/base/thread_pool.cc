#include "cache/base/thread_pool.h"

#include <utility>

namespace depcache {

ThreadPool::ThreadPool(std::size_t threads, std::size_t max_queued) : max_queued_(max_queued) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

ThreadPool::~ThreadPool() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  added_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::Add(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    while (max_queued_ > 0 && tasks_.size() >= max_queued_) taken_.Wait(mutex_);
    tasks_.push_back(std::move(task));
  }
  added_.NotifyOne();
}

void ThreadPool::Wait() {
  MutexLock lock(mutex_);
  while (!tasks_.empty() || running_ > 0) taken_.Wait(mutex_);
}

void ThreadPool::Work() {
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      while (tasks_.empty() && !is_stopping_) added_.Wait(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
      ++running_;
    }
    taken_.NotifyAll();
    task();
    task = nullptr;
    {
      MutexLock lock(mutex_);
      --running_;
    }
    taken_.NotifyAll();
  }
}

}  // namespace depcache
