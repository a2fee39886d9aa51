#include "cache/store/rocksdb/sweep.h"

#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class SweepTest : public PartsFixture {
 protected:
  SweepCounts Sweep() {
    const auto counts = SweepRows(database(), generations(), parts().index, parts().lane, stop_);
    EXPECT_THAT(counts, IsOk());
    return counts.value_or(SweepCounts{});
  }
  // Blobs with a ref each, in the newest generation.
  void Fill(int first, int count) {
    CommitBatch batch;
    batch.scope = ScopeKeyOf("team", "main");
    std::vector<TestBlob> written;
    for (int i = first; i < first + count; ++i) written.push_back(MakeBlob(std::to_string(i)));
    batch.refs = HashesOf(written);
    ASSERT_THAT(Write(written), IsOk());
    ASSERT_THAT(catalog().Commit(batch), IsOk());
  }

  std::atomic<bool> stop_ = false;
};

TEST_F(SweepTest, LeavesEverythingOfLiveGenerations) {
  Fill(0, 100);
  const SweepCounts counts = Sweep();
  EXPECT_EQ(counts.rows, 0u);
  EXPECT_EQ(counts.refs, 0u);
  EXPECT_THAT(Keys(Family::kBlobIndex), SizeIs(100));
  EXPECT_THAT(Keys(Family::kBlobRef), SizeIs(100));
}

// More rows than one step takes, in both generations.
TEST_F(SweepTest, RowsAndRefsOfADroppedGenerationGo) {
  Fill(0, 5000);
  ASSERT_THAT(blobs().Rotate(), IsOk());
  Fill(5000, 3000);
  ASSERT_THAT(generations().DropOldest(), IsOk());
  Sweep();
  EXPECT_THAT(Keys(Family::kBlobIndex), SizeIs(3000));
  EXPECT_THAT(Keys(Family::kBlobRef), SizeIs(3000));
  const auto states = blobs().Find(HashesOf({MakeBlob("1"), MakeBlob("6000")}));
  ASSERT_THAT(states, IsOk());
  EXPECT_EQ(states->at(0), std::nullopt);
  EXPECT_TRUE(states->at(1).has_value());
}

TEST_F(SweepTest, RowsStayWhileAViewCanReadTheirGeneration) {
  Fill(0, 10);
  std::shared_ptr<BlobView> view = blobs().OpenView();
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(generations().DropOldest(), IsOk());
  Sweep();
  EXPECT_THAT(Keys(Family::kBlobIndex), SizeIs(10));
  EXPECT_THAT(Keys(Family::kBlobRef), SizeIs(10));
  view.reset();
  Sweep();
  EXPECT_THAT(Keys(Family::kBlobIndex), IsEmpty());
  EXPECT_THAT(Keys(Family::kBlobRef), IsEmpty());
}

TEST_F(SweepTest, RefOfABlobThatWasWrittenAgainStays) {
  Fill(0, 2);
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(generations().DropOldest(), IsOk());
  ASSERT_THAT(Write({MakeBlob("0")}), IsOk());  // not committed yet
  Sweep();
  EXPECT_THAT(Keys(Family::kBlobRef), SizeIs(1));
  ASSERT_THAT(Commit(), IsOk());
  EXPECT_THAT(Read(MakeBlob("0").hash()), IsOkAndHolds("0"));
}

TEST_F(SweepTest, StopsWhenTold) {
  Fill(0, 100);
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(generations().DropOldest(), IsOk());
  stop_ = true;
  EXPECT_EQ(Sweep().rows, 0u);
  EXPECT_THAT(Keys(Family::kBlobIndex), SizeIs(100));
}

// Through the store: nobody has to ask for it.
TEST_F(SweepTest, FollowsTheDrop) {
  Fill(0, 10);
  ASSERT_THAT(blobs().Rotate(), IsOk());
  Fill(10, 10);
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  parts().upkeep.Wait();
  EXPECT_THAT(Keys(Family::kBlobIndex), SizeIs(10));
  EXPECT_THAT(Keys(Family::kBlobRef), SizeIs(10));
}

}  // namespace
}  // namespace depcache::testing
