// Blob traffic: what is missing, who may read, what is written.

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/cache/engine/engine_fixture.h"
#include "tests/cache/engine/watched_blobs.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class MoveBlobsTest : public EngineFixture {
 protected:
  absl::Status Write(const Digest& digest, std::string_view frame) {
    const NewBlob blob{digest, frame};
    return cache().WriteBlobs(Scope(), {&blob, 1});
  }
  bool IsMissing(const CallScope& scope, std::string_view plain) {
    const BlobHash hash = DigestOf(plain).hash;
    const auto missing = cache().FindMissing(scope, {&hash, 1});
    EXPECT_THAT(missing, IsOk());
    return missing.ok() && !missing->empty();
  }
};

TEST_F(MoveBlobsTest, WhatIsWrittenIsReadBack) {
  ASSERT_THAT(Put(Scope(), {"one", "", "three"}), IsOk());
  const std::vector<BlobHash> hashes = {DigestOf("three").hash, DigestOf("none").hash,
                                        DigestOf("").hash};
  const auto all = Read(Scope(), "", hashes);
  ASSERT_EQ(all.size(), 3);
  EXPECT_THAT(all[0], IsOkAndHolds(std::string("three")));
  EXPECT_THAT(all[1], StatusIs(kNotFound));
  EXPECT_THAT(all[2], IsOkAndHolds(std::string()));
}

TEST_F(MoveBlobsTest, MissingAreNamedByPosition) {
  ASSERT_THAT(Put(Scope(), {"a", "c"}), IsOk());
  const std::vector<BlobHash> hashes = {DigestOf("x").hash, DigestOf("a").hash, DigestOf("y").hash,
                                        DigestOf("c").hash};
  EXPECT_THAT(cache().FindMissing(Scope(), hashes), IsOkAndHolds(ElementsAre(0, 2)));
  EXPECT_THAT(cache().FindMissing(Scope(), {}), IsOkAndHolds(IsEmpty()));
}

TEST_F(MoveBlobsTest, AScopeDoesNotSeeWhatAnotherHas) {
  ASSERT_THAT(Put(Scope("secret"), {"a"}), IsOk());
  EXPECT_FALSE(IsMissing(Scope("secret"), "a"));
  EXPECT_TRUE(IsMissing(Scope("main"), "a")) << "tells what others have";
  EXPECT_THAT(Read(Scope("main"), "", {DigestOf("a").hash})[0], StatusIs(kNotFound));
  ASSERT_THAT(Put(Scope("main"), {"a"}), IsOk()) << "having the bytes proves enough";
  EXPECT_FALSE(IsMissing(Scope("main"), "a"));
}

TEST_F(MoveBlobsTest, WhatOthersMayNotSeeLooksLikeWhatIsNotThere) {
  ASSERT_THAT(Put(Scope("secret"), {"a"}), IsOk());
  const auto all = Read(Scope("main"), "", {DigestOf("a").hash, DigestOf("b").hash});
  EXPECT_THAT(all[0], StatusIs(kNotFound));
  EXPECT_THAT(all[1], StatusIs(kNotFound));
}

TEST_F(MoveBlobsTest, UncommittedBytesAreTheWritersOnly) {
  ASSERT_THAT(Put(Scope(), {"a"}), IsOk());
  EXPECT_TRUE(IsMissing(Reader(), "a"));
  EXPECT_THAT(Read(Reader(), "", {DigestOf("a").hash})[0], StatusIs(kNotFound));
}

TEST_F(MoveBlobsTest, UncommittedBytesAreForgotten) {
  ASSERT_THAT(Put(Scope(), {"a"}), IsOk());
  clock().Advance(std::chrono::seconds(999));
  EXPECT_FALSE(IsMissing(Scope(), "a"));
  clock().Advance(std::chrono::seconds(1));
  EXPECT_TRUE(IsMissing(Scope(), "a"));
}

TEST_F(MoveBlobsTest, CommittedBytesStay) {
  Store(Scope(), RecipeOf(1), SmallLayer(1));
  clock().Advance(std::chrono::hours(1000));
  EXPECT_EQ(CountMissing(Scope(), SmallLayer(1)), 0);
  EXPECT_EQ(CountMissing(Reader(), SmallLayer(1)), 0);
}

TEST_F(MoveBlobsTest, AFrameIsCheckedAgainstItsName) {
  const absl::Status status = Write(DigestOf("a"), CompressFrame("b"));
  EXPECT_THAT(status, StatusIs(kInvalid));
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr(DigestOf("a").hash.ToShortHex()));
  EXPECT_THAT(Write(Digest{DigestOf("abc").hash, 2}, CompressFrame("abc")), StatusIs(kInvalid));
  EXPECT_THAT(Write(DigestOf("a"), "a"), StatusIs(kInvalid));
  EXPECT_THAT(Write(DigestOf(""), ""), StatusIs(kInvalid));
  EXPECT_TRUE(IsMissing(Scope(), "a"));
  EXPECT_EQ(cache().stored_bytes(), 0);
}

TEST_F(MoveBlobsTest, OneBadFrameStoresNothingOfItsBatch) {
  const std::string good = CompressFrame("good");
  const std::string bad = CompressFrame("bad");
  const std::vector<NewBlob> batch = {{DigestOf("good"), good}, {DigestOf("other"), bad}};
  EXPECT_THAT(cache().WriteBlobs(Scope(), batch), StatusIs(kInvalid));
  EXPECT_TRUE(IsMissing(Scope(), "good"));
  EXPECT_EQ(cache().stored_bytes(), 0);
}

TEST_F(MoveBlobsTest, BombsAreRefusedBeforeTheyAreExpanded) {
  const std::string zeros(64 << 20, '\0');
  EXPECT_THAT(Write(DigestOf(zeros), CompressFrame(zeros)), StatusIs(kInvalid));
  const std::string one_above((1 << 20) + 1, '\0');
  EXPECT_THAT(Write(DigestOf(one_above), CompressFrame(one_above)), StatusIs(kInvalid));
  const std::string at_limit(1 << 20, '\0');
  EXPECT_THAT(Write(DigestOf(at_limit), CompressFrame(at_limit)), IsOk());
}

TEST_F(MoveBlobsTest, ReadersWriteNothing) {
  EXPECT_THAT(Put(Reader(), {"a"}), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(cache().stored_bytes(), 0);
}

TEST_F(MoveBlobsTest, AReaderStopsWhenTheSinkSaysSo) {
  ASSERT_THAT(Put(Scope(), {"a", "b"}), IsOk());
  const std::vector<BlobHash> hashes = {DigestOf("a").hash, DigestOf("b").hash};
  int calls = 0;
  cache().OpenReader(Scope(), "")->Read(hashes, [&](std::size_t, const auto&) {
    ++calls;
    return false;
  });
  EXPECT_EQ(calls, 1);
}

TEST_F(MoveBlobsTest, AnUnknownTicketIsNoError) {
  ASSERT_THAT(Put(Scope(), {"a"}), IsOk());
  EXPECT_THAT(Read(Scope(), "no such ticket", {DigestOf("a").hash})[0],
              IsOkAndHolds(std::string("a")));
}

TEST_F(MoveBlobsTest, WritesWaitForEvictionWhenFarAboveTheLimit) {
  const OpenedStore memory = MakeMemoryStore();
  const auto watched = std::make_shared<WatchedBlobs>(memory.blobs);
  LayerCache full(OpenedStore{watched, memory.catalog}, clock(), SmallCacheOptions());
  const std::string frame = CompressFrame("a");
  const NewBlob blob{DigestOf("a"), frame};
  // A tenth and 256 MiB are allowed above the limit.
  constexpr std::uint64_t kLimit = 8 << 20;
  constexpr std::uint64_t kAllowed = kLimit + kLimit / 10 + (256 << 20);
  watched->set_more_stored_bytes(kAllowed + 1);
  EXPECT_THAT(full.WriteBlobs(Scope(), {&blob, 1}), StatusIs(absl::StatusCode::kResourceExhausted));
  watched->set_more_stored_bytes(kAllowed);
  EXPECT_THAT(full.WriteBlobs(Scope(), {&blob, 1}), IsOk());
}

}  // namespace
}  // namespace depcache::testing
