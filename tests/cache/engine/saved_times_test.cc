#include "cache/engine/saved_times.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace depcache {
namespace {

BlobHash Blob(int number) { return HashAs<BlobHash>(std::to_string(number)); }

TEST(SavedTimesTest, ATimeIsClaimedOnce) {
  SavedTimes times;
  times.Add(Blob(1), 200);
  EXPECT_EQ(times.Claim(Blob(1)), 200);
  EXPECT_EQ(times.Claim(Blob(1)), 0);
}

TEST(SavedTimesTest, OtherBlobsSaveNothing) {
  SavedTimes times;
  times.Add(Blob(1), 200);
  EXPECT_EQ(times.Claim(Blob(2)), 0);
  EXPECT_EQ(times.Claim(Blob(1)), 200);
}

TEST(SavedTimesTest, AddingAgainDoesNotCountAgain) {
  SavedTimes times;
  times.Add(Blob(1), 200);
  times.Add(Blob(1), 300);
  EXPECT_EQ(times.Claim(Blob(1)), 200);
  times.Add(Blob(1), 300);
  EXPECT_EQ(times.Claim(Blob(1)), 0) << "it was claimed before";
}

TEST(SavedTimesTest, ManyThreadsClaimEachTimeOnce) {
  constexpr int kBlobs = 200;
  SavedTimes times;
  for (int i = 0; i < kBlobs; ++i) times.Add(Blob(i), 1);
  std::atomic<std::uint64_t> sum = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kBlobs; ++i) sum += times.Claim(Blob(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, kBlobs);
}

}  // namespace
}  // namespace depcache
