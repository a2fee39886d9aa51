#include <optional>

#include "cache/layer/limits.h"
#include "tests/conformance/store_conformance.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST_P(BlobStoreConformance, WrittenBlobsAreReadAtOnce) {
  const TestBlob a = MakeBlob("aaaa"), b = MakeRandomBlob(300'000, 1);
  ASSERT_THAT(Write({a, b}), IsOk());
  EXPECT_THAT(Read(a.hash()), IsOkAndHolds(a.plain));
  EXPECT_THAT(Read(b.hash()), IsOkAndHolds(b.plain));
}

TEST_P(BlobStoreConformance, WrittenBlobsAreReadAfterCommit) {
  const TestBlob a = MakeBlob("aaaa"), b = MakeRandomBlob(300'000, 1);
  ASSERT_THAT(Write({a, b}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  EXPECT_THAT(Read(a.hash()), IsOkAndHolds(a.plain));
  EXPECT_THAT(Read(b.hash()), IsOkAndHolds(b.plain));
}

TEST_P(BlobStoreConformance, BlobsFromNothingToTheLimitAreKept) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMaxBlobBytes}) {
    const TestBlob blob = MakeRandomBlob(size, size);
    ASSERT_THAT(Write({blob}), IsOk()) << size;
    EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain)) << size;
    ASSERT_THAT(Commit(), IsOk());
    EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain)) << size;
  }
}

TEST_P(BlobStoreConformance, UnknownBlobIsNotFound) {
  ASSERT_THAT(Write({MakeBlob("other")}), IsOk());
  EXPECT_THAT(Read(MakeBlob("never written").hash()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(BlobStoreConformance, BlobAboveTheLimitIsRefusedWithAllOfItsBatch) {
  const TestBlob good = MakeBlob("good");
  NewBlob large = good.AsNew();
  large.digest.size_bytes = kMaxBlobBytes + 1;
  const NewBlob both[] = {good.AsNew(), large};
  EXPECT_THAT(blobs().Write(both), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Read(good.hash()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(BlobStoreConformance, FrameAboveTheLimitIsRefused) {
  const std::string frame(kMaxFrameBytes + 1, 'x');
  const NewBlob blob{DigestOf("x"), frame};
  EXPECT_THAT(blobs().Write({&blob, 1}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(BlobStoreConformance, ReadGivesEachOutcomeInTheAskedOrder) {
  const TestBlob a = MakeBlob("a"), b = MakeBlob("b");
  ASSERT_THAT(Write({a, b}), IsOk());
  const auto got =
      ReadPlain(*blobs().OpenView(), {b.hash(), MakeBlob("gone").hash(), a.hash(), b.hash()});
  ASSERT_THAT(got, SizeIs(4));
  EXPECT_THAT(got[0], IsOkAndHolds(b.plain));
  EXPECT_THAT(got[1], StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(got[2], IsOkAndHolds(a.plain));
  EXPECT_THAT(got[3], IsOkAndHolds(b.plain));
}

TEST_P(BlobStoreConformance, SinkStopsTheRead) {
  const TestBlob a = MakeBlob("a"), b = MakeBlob("b");
  ASSERT_THAT(Write({a, b}), IsOk());
  int calls = 0;
  blobs().OpenView()->Read(HashesOf({a, b, a}), [&](std::size_t, absl::StatusOr<Frame>) {
    ++calls;
    return calls < 2;
  });
  EXPECT_EQ(calls, 2);
}

TEST_P(BlobStoreConformance, SinkMayCallTheStore) {
  const TestBlob a = MakeBlob("a"), b = MakeBlob("b");
  ASSERT_THAT(Write({a}), IsOk());
  blobs().OpenView()->Read({&a.hash(), 1}, [&](std::size_t, absl::StatusOr<Frame>) {
    EXPECT_THAT(Write({b}), IsOk());
    EXPECT_THAT(Commit(), IsOk());
    EXPECT_THAT(Read(b.hash()), IsOkAndHolds(b.plain));
    return true;
  });
}

TEST_P(BlobStoreConformance, FrameOutlivesItsViewAndTheStoresHandle) {
  const TestBlob blob = MakeRandomBlob(100'000, 7);
  ASSERT_THAT(Write({blob}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  Frame kept;
  blobs().OpenView()->Read({&blob.hash(), 1}, [&](std::size_t, absl::StatusOr<Frame> frame) {
    EXPECT_THAT(frame, IsOk());
    if (frame.ok()) kept = *std::move(frame);
    return true;
  });
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  EXPECT_EQ(kept.bytes, blob.frame);
}

TEST_P(BlobStoreConformance, FindTellsSizesAndGeneration) {
  const TestBlob blob = MakeBlob(std::string(5000, 'x'));
  ASSERT_THAT(Write({blob}), IsOk());
  const std::vector<BlobHash> asked = HashesOf({MakeBlob("gone"), blob});
  for (int pass = 0; pass < 2; ++pass) {
    const auto states = blobs().Find(asked);
    ASSERT_THAT(states, IsOk());
    ASSERT_THAT(*states, SizeIs(2));
    EXPECT_EQ((*states)[0], std::nullopt);
    ASSERT_TRUE((*states)[1].has_value());
    EXPECT_EQ((*states)[1]->plain_bytes, 5000u);
    EXPECT_EQ((*states)[1]->stored_bytes, blob.frame.size());
    EXPECT_EQ((*states)[1]->generation, blobs().Generations().back().number);
    ASSERT_THAT(Commit(), IsOk());
  }
}

TEST_P(BlobStoreConformance, FindAndReadOfNothingAreEmpty) {
  const auto states = blobs().Find({});
  ASSERT_THAT(states, IsOk());
  EXPECT_THAT(*states, SizeIs(0));
  EXPECT_THAT(ReadPlain(*blobs().OpenView(), {}), SizeIs(0));
  EXPECT_THAT(blobs().Write({}), IsOk());
  EXPECT_THAT(blobs().CopyForward({}), IsOk());
}

TEST_P(BlobStoreConformance, FindOfThousandsKeepsTheOrder) {
  std::vector<BlobHash> asked;
  std::vector<TestBlob> written;
  for (int i = 0; i < 2000; ++i) {
    const TestBlob blob = MakeBlob(std::to_string(i));
    asked.push_back(blob.hash());
    if (i % 3 == 0) written.push_back(blob);
  }
  ASSERT_THAT(Write(written), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  const auto states = blobs().Find(asked);
  ASSERT_THAT(states, IsOk());
  ASSERT_THAT(*states, SizeIs(2000));
  for (std::size_t i = 0; i < 2000; ++i) EXPECT_EQ((*states)[i].has_value(), i % 3 == 0) << i;
}

TEST_P(BlobStoreConformance, SecondWriteKeepsTheFirstFrame) {
  const TestBlob blob = MakeBlob(std::string(10'000, 'z'));
  ASSERT_THAT(Write({blob}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  TestBlob again = blob;
  again.frame = "not even a frame";
  ASSERT_THAT(Write({again}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
}

TEST_P(BlobStoreConformance, BlobTwiceInOneWriteIsKeptOnce) {
  const TestBlob blob = MakeRandomBlob(100'000, 3);
  const std::uint64_t before = blobs().Generations().back().stored_bytes;
  ASSERT_THAT(Write({blob, blob, blob}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
  EXPECT_LT(blobs().Generations().back().stored_bytes, before + 2 * blob.frame.size());
}

TEST_P(BlobStoreConformance, StoredBytesGrowWithWhatIsWritten) {
  const std::uint64_t before = blobs().Generations().back().stored_bytes;
  const TestBlob blob = MakeRandomBlob(500'000, 5);
  ASSERT_THAT(Write({blob}), IsOk());
  const std::uint64_t written = blobs().Generations().back().stored_bytes;
  ASSERT_THAT(Commit(), IsOk());
  const std::uint64_t committed = blobs().Generations().back().stored_bytes;
  for (const std::uint64_t after : {written, committed}) {
    EXPECT_GE(after, before + blob.frame.size());
    EXPECT_LE(after, before + blob.frame.size() + 200'000);
  }
}

}  // namespace
}  // namespace depcache::testing
