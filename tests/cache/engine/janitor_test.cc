#include "cache/engine/janitor.h"

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/cache/engine/engine_fixture.h"
#include "tests/cache/engine/watched_blobs.h"

namespace depcache::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class JanitorTest : public ::testing::Test {
 protected:
  JanitorTest() {
    blobs_->set_more_stored_bytes(2 << 20);  // always full: each step rotates
    SetLogLevel(LogLevel::kOff);
  }
  ~JanitorTest() override { SetLogLevel(LogLevel::kInfo); }
  WatchedBlobs& blobs() { return *blobs_; }
  LayerCache& cache() { return cache_; }

 private:
  const OpenedStore memory_ = MakeMemoryStore();
  const std::shared_ptr<WatchedBlobs> blobs_ = std::make_shared<WatchedBlobs>(memory_.blobs);
  FakeClock clock_;
  LayerCache cache_{OpenedStore{blobs_, memory_.catalog}, clock_, SmallCacheOptions()};
};

TEST_F(JanitorTest, AStepRunsWhenWoken) {
  Janitor janitor(cache(), hours(1));
  janitor.Wake();
  blobs().WaitForRotations(1);
  janitor.Wake();
  blobs().WaitForRotations(2);
}

TEST_F(JanitorTest, StepsRunFromTimeToTime) {
  const Janitor janitor(cache(), milliseconds(1));
  blobs().WaitForRotations(3);
}

TEST_F(JanitorTest, NothingRunsUnasked) {
  { const Janitor janitor(cache(), hours(1)); }
  EXPECT_EQ(blobs().rotations(), 0);
}

TEST_F(JanitorTest, AnErrorIsNotTheEnd) {
  blobs().set_failing(true);
  Janitor janitor(cache(), hours(1));
  janitor.Wake();
  blobs().WaitForRotations(1);
  blobs().set_failing(false);
  janitor.Wake();
  blobs().WaitForRotations(2);
}

TEST_F(JanitorTest, WakingFromManyThreadsAndEnding) {
  Janitor janitor(cache(), milliseconds(1));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) janitor.Wake();
    });
  }
  for (std::thread& thread : threads) thread.join();
  blobs().WaitForRotations(1);
}

}  // namespace
}  // namespace depcache::testing
