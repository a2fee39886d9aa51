#include "cache/store/rocksdb/commit_lane.h"

#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;

class CommitLaneTest : public PartsFixture {
 protected:
  void SetUp() override {
    options().on_point = [this](std::string_view point) { points_.emplace_back(point); };
    PartsFixture::SetUp();
    points_.clear();
  }
  absl::StatusOr<Frame> Reread(const BlobHash& hash) {
    return parts().lane.Reread(generations().Newest(), hash);
  }

  std::vector<std::string> points_;
};

TEST_F(CommitLaneTest, PointsComeInTheOrderOfAWrite) {
  ASSERT_THAT(WriteAndCommit({MakeBlob("x")}), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  EXPECT_THAT(points_,
              ElementsAre("write", "flush", "commit", "rotate", "flush", "commit", "drop", "drop"));
}

// A crash right after the drop must find the copies.
TEST_F(CommitLaneTest, DropMakesCopiesDurableFirst) {
  const TestBlob blob = MakeBlob("kept");
  ASSERT_THAT(WriteAndCommit({blob}), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().CopyForward({&blob.hash(), 1}), IsOk());
  EXPECT_EQ(parts().index.waiting_count(), 1u);
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  EXPECT_EQ(parts().index.waiting_count(), 0u);
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
}

TEST_F(CommitLaneTest, CommitFlushesEachGenerationThatWasWrittenTo) {
  const TestBlob old = MakeBlob("old"), young = MakeBlob("young");
  ASSERT_THAT(Write({old}), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(Write({young}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(Read(old.hash()), IsOkAndHolds(old.plain));
  EXPECT_THAT(Read(young.hash()), IsOkAndHolds(young.plain));
}

TEST_F(CommitLaneTest, PersistKeepsWhatWasWritten) {
  const TestBlob blob = MakeBlob("x");
  ASSERT_THAT(Write({blob}), IsOk());
  ASSERT_THAT(parts().lane.Persist(), IsOk());
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
}

TEST_F(CommitLaneTest, SweepKeepsWhatIsWantedByNow) {
  ASSERT_THAT(WriteAndCommit({MakeBlob("a"), MakeBlob("b")}), IsOk());
  const std::vector<std::string> keys = {std::string(MakeBlob("a").hash().AsBytes()),
                                         std::string(MakeBlob("b").hash().AsBytes())};
  ASSERT_THAT(parts().lane.Sweep(Family::kBlobIndex, keys,
                                 [&](std::string_view key) { return key == keys[1]; }),
              IsOk());
  EXPECT_THAT(Keys(Family::kBlobIndex), ElementsAre(keys[1]));
}

TEST_F(CommitLaneTest, LostBlobIsReportedOnceAndItsRowGoes) {
  const TestBlob blob = MakeBlob("lost");
  ASSERT_THAT(WriteAndCommit({blob}), IsOk());
  ASSERT_THAT(PutRaw(*generations().Newest(), blob.hash().AsBytes(), "damaged"), IsOk());
  EXPECT_THAT(Reread(blob.hash()), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_FALSE(HasRow(blob.hash()));
  EXPECT_THAT(Reread(blob.hash()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CommitLaneTest, RereadOfAGoodBlobGivesIt) {
  const TestBlob blob = MakeBlob("good after all");
  ASSERT_THAT(WriteAndCommit({blob}), IsOk());
  const auto frame = Reread(blob.hash());
  ASSERT_THAT(frame, IsOk());
  EXPECT_EQ(frame->bytes, blob.frame);
  EXPECT_TRUE(HasRow(blob.hash()));
}

TEST_F(CommitLaneTest, LossInAnOldGenerationLeavesTheNewRow) {
  const TestBlob blob = MakeBlob("twice");
  ASSERT_THAT(WriteAndCommit({blob}), IsOk());
  const std::shared_ptr<Generation> old = generations().Newest();
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().CopyForward({&blob.hash(), 1}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  ASSERT_THAT(PutRaw(*old, blob.hash().AsBytes(), "damaged"), IsOk());
  EXPECT_THAT(parts().lane.Reread(old, blob.hash()), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
}

TEST_F(CommitLaneTest, WriterBeyondTheBufferFlushesIt) {
  auto newest = generations().Newest();
  const TestBlob blob = MakeRandomBlob(1 << 20, 1);
  ASSERT_THAT(Write({blob}), IsOk());
  EXPECT_EQ(FilesOf(*newest), 0);
  EXPECT_GE(newest->unflushed_bytes(), 1u << 20);
  ASSERT_THAT(parts().lane.FlushIfLarge(newest, 2 << 20), IsOk());
  EXPECT_EQ(FilesOf(*newest), 0);
  ASSERT_THAT(parts().lane.FlushIfLarge(newest, 1 << 20), IsOk());
  EXPECT_EQ(FilesOf(*newest), 1);
  EXPECT_EQ(newest->unflushed_bytes(), 0u);
  EXPECT_FALSE(HasRow(blob.hash())) << "it is not committed";
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
  ASSERT_THAT(Commit(), IsOk());
  newest.reset();  // it keeps the database open
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
}

TEST_F(CommitLaneTest, MemoryOfWritesIsBounded) {
  const auto newest = generations().Newest();
  for (std::uint64_t i = 0; i < 20; ++i) {
    ASSERT_THAT(Write({MakeRandomBlob(1 << 20, i)}), IsOk());
    EXPECT_LE(newest->unflushed_bytes(), options().write_buffer_bytes + (2 << 20));
  }
}

}  // namespace
}  // namespace depcache::testing
