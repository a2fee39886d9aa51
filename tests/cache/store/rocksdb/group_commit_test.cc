#include "cache/store/rocksdb/group_commit.h"

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

TEST(GroupCommitTest, CommitAloneIsARoundOfOne) {
  std::vector<std::size_t> rounds;
  GroupCommit commits([&](GroupCommit::Batches batches) {
    rounds.push_back(batches.size());
    return absl::OkStatus();
  });
  const CommitBatch batch;
  EXPECT_THAT(commits.Commit(batch), IsOk());
  EXPECT_THAT(commits.Commit(batch), IsOk());
  EXPECT_EQ(rounds, (std::vector<std::size_t>{1, 1}));
}

// Holds the first round until all others wait.
TEST(GroupCommitTest, CommitsThatWaitAtOnceShareARound) {
  constexpr std::size_t kOthers = 7;
  std::vector<std::size_t> rounds;
  GroupCommit* self = nullptr;
  GroupCommit commits([&](GroupCommit::Batches batches) {
    while (rounds.empty() && self->waiting_count() < kOthers) std::this_thread::yield();
    rounds.push_back(batches.size());
    return absl::OkStatus();
  });
  self = &commits;
  const CommitBatch batch;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i <= kOthers; ++i) {
    threads.emplace_back([&] { EXPECT_THAT(commits.Commit(batch), IsOk()); });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(rounds.size(), 2u);
  // The first may have taken some along that came before it began.
  EXPECT_EQ(rounds[0] + rounds[1], kOthers + 1);
}

TEST(GroupCommitTest, EachGetsTheOutcomeOfItsOwnRound) {
  std::atomic<int> round = 0;
  GroupCommit commits([&](GroupCommit::Batches) {
    return ++round == 1 ? Unavailable("round one") : absl::OkStatus();
  });
  const CommitBatch batch;
  EXPECT_THAT(commits.Commit(batch), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(commits.Commit(batch), IsOk());
}

// What a round flushes is what was written when it began. Nobody may be told
// of a flush that began before his own commit did.
TEST(GroupCommitTest, NoCommitIsAnsweredByAnEarlierFlush) {
  constexpr int kThreads = 6;
  constexpr int kRounds = 2000;
  std::array<std::atomic<int>, kThreads> written{};
  std::array<std::atomic<int>, kThreads> durable{};
  GroupCommit commits([&](GroupCommit::Batches) {
    std::array<int, kThreads> seen{};
    for (std::size_t i = 0; i < kThreads; ++i) seen[i] = written[i];
    std::this_thread::yield();
    for (std::size_t i = 0; i < kThreads; ++i) durable[i] = seen[i];
    return absl::OkStatus();
  });
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const CommitBatch batch;
      for (int round = 1; round <= kRounds; ++round) {
        written[i] = round;
        ASSERT_THAT(commits.Commit(batch), IsOk());
        ASSERT_GE(durable[i], round);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(GroupCommitTest, BatchesReachTheRoundAsTheyAre) {
  CommitBatch batch;
  std::vector<const CommitBatch*> seen;
  GroupCommit commits([&](GroupCommit::Batches batches) {
    seen.assign(batches.begin(), batches.end());
    return absl::OkStatus();
  });
  ASSERT_THAT(commits.Commit(batch), IsOk());
  EXPECT_THAT(seen, ::testing::ElementsAre(&batch));
}

}  // namespace
}  // namespace depcache::testing
