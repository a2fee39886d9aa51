#include "cache/base/thread_pool.h"

#include <atomic>
#include <future>

#include <gtest/gtest.h>

namespace depcache::testing {
namespace {

TEST(ThreadPoolTest, OneThreadRunsTasksInOrder) {
  std::vector<int> order;
  {
    ThreadPool pool(1);
    for (int i = 0; i < 100; ++i) pool.Add([&order, i] { order.push_back(i); });
    pool.Wait();
    EXPECT_EQ(order.size(), 100);
  }
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(ThreadPoolTest, DestructionRunsWhatIsQueued) {
  std::atomic<int> done = 0;
  {
    ThreadPool pool(2);
    for (int i = 0; i < 50; ++i) pool.Add([&done] { ++done; });
  }
  EXPECT_EQ(done, 50);
}

TEST(ThreadPoolTest, ThreadsRunAtOnce) {
  // Each waits for the other: with one thread this would never end.
  std::promise<void> first;
  std::promise<void> second;
  ThreadPool pool(2);
  pool.Add([&] {
    first.set_value();
    second.get_future().wait();
  });
  pool.Add([&] {
    first.get_future().wait();
    second.set_value();
  });
  pool.Wait();
}

TEST(ThreadPoolTest, AddNeverRunsAheadOfTheQueue) {
  std::atomic<int> adding = 0;
  int started = 0;
  int furthest = 0;
  {
    ThreadPool pool(1, 2);
    for (int i = 0; i < 5000; ++i) {
      ++adding;
      pool.Add([&] { furthest = std::max(furthest, adding - ++started); });
    }
  }
  EXPECT_LE(furthest, 3) << "two in the queue and one that is being added";
}

TEST(ThreadPoolTest, WaitWaitsForRunningTasks) {
  std::promise<void> release;
  std::atomic<bool> is_done = false;
  ThreadPool pool(2);
  pool.Add([&] {
    release.get_future().wait();
    is_done = true;
  });
  std::thread releaser([&] { release.set_value(); });
  pool.Wait();
  EXPECT_TRUE(is_done);
  releaser.join();
}

TEST(ThreadPoolTest, TasksAreDestroyedBeforeWaitReturns) {
  const auto held = std::make_shared<int>(1);
  ThreadPool pool(2);
  pool.Add([held] {});
  pool.Wait();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(ThreadPoolTest, ManyThreadsAddAndWait) {
  std::atomic<int> done = 0;
  ThreadPool pool(3, 4);
  std::vector<std::thread> adders;
  for (int t = 0; t < 4; ++t) {
    adders.emplace_back([&] {
      for (int i = 0; i < 200; ++i) pool.Add([&done] { ++done; });
      pool.Wait();
    });
  }
  for (std::thread& adder : adders) adder.join();
  EXPECT_EQ(done, 800);
}

}  // namespace
}  // namespace depcache::testing
