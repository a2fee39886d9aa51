#include "cache/store/rocksdb/generation.h"

#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

class GenerationTest : public PartsFixture {
 protected:
  absl::Status Put(const TestBlob& blob) {
    const NewBlob put = blob.AsNew();
    const NewBlob* const pointer = &put;
    return generation()->Put({&pointer, 1});
  }
  absl::Status Flush() { return database().Flush({generation()->handle()}); }
  std::shared_ptr<Generation> generation() { return generations().Newest(); }

  const TestBlob blob_ = MakeRandomBlob(100'000, 1);
};

TEST_F(GenerationTest, FrameComesBackBeforeAndAfterTheFlush) {
  ASSERT_THAT(Put(blob_), IsOk());
  for (int pass = 0; pass < 2; ++pass) {
    const auto frame = ReadFrame(generation(), blob_.hash());
    ASSERT_THAT(frame, IsOk());
    EXPECT_EQ(frame->bytes, blob_.frame);
    EXPECT_EQ(frame->plain_bytes, blob_.plain.size());
    ASSERT_THAT(Flush(), IsOk());
  }
}

TEST_F(GenerationTest, FlushedFramesAreHandedOutWithoutACopy) {
  ASSERT_THAT(Put(blob_), IsOk());
  ASSERT_THAT(Flush(), IsOk());
  const auto first = ReadFrame(generation(), blob_.hash());
  const auto second = ReadFrame(generation(), blob_.hash());
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->bytes.data(), second->bytes.data()) << "not the same cached block";
}

TEST_F(GenerationTest, FrameKeepsItsBytesWhenTheStoreIsClosed) {
  ASSERT_THAT(Put(blob_), IsOk());
  ASSERT_THAT(Flush(), IsOk());
  auto frame = ReadFrame(generation(), blob_.hash());
  ASSERT_THAT(frame, IsOk());
  Close();
  EXPECT_EQ(frame->bytes, blob_.frame);
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition)) << "the frame holds it";
  frame = absl::CancelledError("let go");
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(GenerationTest, UnknownBlobIsNotFound) {
  EXPECT_THAT(ReadFrame(generation(), blob_.hash()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(GenerationTest, DamagedPayloadIsDataLoss) {
  ASSERT_THAT(PutRaw(*generation(), blob_.hash().AsBytes(), "not a payload"), IsOk());
  EXPECT_THAT(ReadFrame(generation(), blob_.hash()), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(GenerationTest, PayloadUnderAnotherNameIsDataLoss) {
  const TestBlob other = MakeBlob("other");
  const std::string value = PayloadHeader(other.hash(), 5, other.frame) + other.frame;
  ASSERT_THAT(PutRaw(*generation(), blob_.hash().AsBytes(), value), IsOk());
  EXPECT_THAT(ReadFrame(generation(), blob_.hash()), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(GenerationTest, LossIsMarkedOnceAndAnotherPutEndsIt) {
  EXPECT_FALSE(generation()->IsLost(blob_.hash()));
  EXPECT_TRUE(generation()->MarkLost(blob_.hash()));
  EXPECT_FALSE(generation()->MarkLost(blob_.hash()));
  EXPECT_TRUE(generation()->IsLost(blob_.hash()));
  ASSERT_THAT(Put(blob_), IsOk());
  EXPECT_FALSE(generation()->IsLost(blob_.hash()));
}

TEST_F(GenerationTest, PutsLargerThanABatchAreAllKept) {
  std::vector<TestBlob> blobs;
  for (std::uint64_t i = 0; i < 20; ++i) blobs.push_back(MakeRandomBlob(1 << 20, i));
  std::vector<NewBlob> put;
  for (const TestBlob& blob : blobs) put.push_back(blob.AsNew());
  std::vector<const NewBlob*> pointers;
  for (const NewBlob& blob : put) pointers.push_back(&blob);
  ASSERT_THAT(generation()->Put(pointers), IsOk());
  for (const TestBlob& blob : blobs) EXPECT_THAT(ReadFrame(generation(), blob.hash()), IsOk());
  EXPECT_GE(generation()->stored_bytes(), 20u << 20);
}

// A write that loses the race with a drop must not make RocksDB refuse the
// writes of others.
TEST_F(GenerationTest, PutAfterTheDropIsHarmless) {
  const std::shared_ptr<Generation> oldest = generation();
  ASSERT_THAT(generations().Rotate(), IsOk());
  ASSERT_THAT(generations().DropOldest(), IsOk());
  const NewBlob put = blob_.AsNew();
  const NewBlob* const pointer = &put;
  EXPECT_THAT(oldest->Put({&pointer, 1}), IsOk());
  EXPECT_THAT(ReadFrame(oldest, blob_.hash()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(WriteAndCommit({blob_}), IsOk());
  EXPECT_THAT(Read(blob_.hash()), IsOkAndHolds(blob_.plain));
}

TEST_F(GenerationTest, FilesAreKeptApartByName) {
  const std::vector<std::string> names = {"/000007.sst", "/000009.sst"};
  generation()->KeepApart(names);
  EXPECT_TRUE(generation()->IsKeptApart("/000007.sst"));
  EXPECT_FALSE(generation()->IsKeptApart("/000008.sst"));
}

}  // namespace
}  // namespace depcache::testing
