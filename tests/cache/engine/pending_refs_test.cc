#include "cache/engine/pending_refs.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/layer/sample_records.h"
#include "tests/support/fake_clock.h"

namespace depcache::testing {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

class PendingRefsTest : public ::testing::Test {
 protected:
  static BlobHash Blob(int number) { return HashAs<BlobHash>(std::to_string(number)); }
  void Add(PendingRefs& refs, int number) {
    const BlobHash hash = Blob(number);
    refs.Add(main_, {&hash, 1});
  }
  bool Has(PendingRefs& refs, int number) {
    const BlobHash hash = Blob(number);
    return refs.Contains(main_, {&hash, 1}).at(0);
  }

  const ScopeKey main_ = ScopeKeyOf("", "main");
  const ScopeKey other_ = ScopeKeyOf("", "pr/1");
  FakeClock clock_;
};

TEST_F(PendingRefsTest, KnowsWhatWasWrittenIntoTheScope) {
  PendingRefs refs(clock_, seconds(10), 100);
  Add(refs, 1);
  const std::vector<BlobHash> asked = {Blob(2), Blob(1)};
  EXPECT_THAT(refs.Contains(main_, asked), ElementsAre(false, true));
  EXPECT_THAT(refs.Contains(other_, asked), ElementsAre(false, false));
}

TEST_F(PendingRefsTest, ForgetsAfterATime) {
  PendingRefs refs(clock_, seconds(10), 100);
  Add(refs, 1);
  clock_.Advance(seconds(9));
  EXPECT_TRUE(Has(refs, 1));
  clock_.Advance(seconds(1));
  EXPECT_FALSE(Has(refs, 1));
  EXPECT_EQ(refs.size(), 0);
}

TEST_F(PendingRefsTest, WritingAgainRenews) {
  PendingRefs refs(clock_, seconds(10), 100);
  Add(refs, 1);
  clock_.Advance(seconds(6));
  Add(refs, 1);
  clock_.Advance(seconds(6));
  EXPECT_TRUE(Has(refs, 1)) << "the first time's end dropped the second";
  clock_.Advance(seconds(4));
  EXPECT_FALSE(Has(refs, 1));
}

TEST_F(PendingRefsTest, TheOldestGoWhenThereAreTooMany) {
  PendingRefs refs(clock_, seconds(10), 3);
  for (int i = 0; i < 5; ++i) {
    Add(refs, i);
    clock_.Advance(seconds(1));
  }
  EXPECT_EQ(refs.size(), 3);
  EXPECT_FALSE(Has(refs, 0));
  EXPECT_FALSE(Has(refs, 1));
  EXPECT_TRUE(Has(refs, 2));
  EXPECT_TRUE(Has(refs, 4));
}

TEST_F(PendingRefsTest, MemoryIsBoundedWhenOneIsWrittenAgainAndAgain) {
  PendingRefs refs(clock_, seconds(10), 3);
  for (int i = 0; i < 100; ++i) Add(refs, 1);
  EXPECT_TRUE(Has(refs, 1));
  EXPECT_EQ(refs.size(), 1);
}

TEST_F(PendingRefsTest, ManyThreads) {
  PendingRefs refs(clock_, seconds(1000), 100'000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        Add(refs, 1000 * t + i);
        EXPECT_TRUE(Has(refs, 1000 * t + i));
        EXPECT_FALSE(Has(refs, 1000 * t + i + 1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refs.size(), 1200);
}

}  // namespace
}  // namespace depcache::testing
