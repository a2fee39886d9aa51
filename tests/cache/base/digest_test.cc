#include "cache/base/digest.h"

#include <unordered_set>

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

// FIPS 180-2, and `printf '' | sha256sum`.
constexpr std::string_view kOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kOfAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(DigestTest, IsSha256) {
  EXPECT_EQ(HashAs<BlobHash>("").ToHex(), kOfNothing);
  EXPECT_EQ(HashAs<BlobHash>("abc").ToHex(), kOfAbc);
  EXPECT_EQ(HashAs<BlobHash>(std::string(1'000'000, 'a')).ToHex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(DigestTest, PiecesHashAsTheWhole) {
  Sha256Hasher hasher;
  hasher.Update("a");
  hasher.Update("");
  Sha256Hasher moved = std::move(hasher);
  moved.Update("bc");
  EXPECT_EQ(BlobHash(moved.Finish()).ToHex(), kOfAbc);
}

TEST(DigestTest, HexComesBack) {
  const auto hash = BlobHash::FromHex(kOfAbc);
  ASSERT_THAT(hash, IsOkAndHolds(HashAs<BlobHash>("abc")));
  EXPECT_EQ(hash->ToShortHex(), "ba7816bf8f01");
  EXPECT_THAT(BlobHash::FromBytes(hash->AsBytes()), IsOkAndHolds(*hash));
}

TEST(DigestTest, OnlyLowerCaseHexOfFullLengthIsRead) {
  std::string hex(kOfAbc);
  EXPECT_FALSE(BlobHash::FromHex(hex.substr(1)).ok());
  EXPECT_FALSE(BlobHash::FromHex(hex + "0").ok());
  EXPECT_FALSE(BlobHash::FromHex("").ok());
  hex[0] = 'B';
  EXPECT_THAT(BlobHash::FromHex(hex), StatusIs(absl::StatusCode::kInvalidArgument));
  hex[0] = 'g';
  EXPECT_THAT(BlobHash::FromHex(hex), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(DigestTest, BytesAreExactly32) {
  for (const std::size_t size : {0U, 31U, 33U, 64U}) {
    EXPECT_THAT(BlobHash::FromBytes(std::string(size, 'x')),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(DigestTest, ADigestHasTheLengthToo) {
  EXPECT_EQ(DigestOf("abc"), (Digest{HashAs<BlobHash>("abc"), 3}));
  EXPECT_NE(DigestOf("abc"), (Digest{HashAs<BlobHash>("abc"), 4}));
}

TEST(DigestTest, WorksAsAKey) {
  std::unordered_set<BlobHash> set = {HashAs<BlobHash>("a"), HashAs<BlobHash>("b")};
  EXPECT_TRUE(set.contains(HashAs<BlobHash>("a")));
  EXPECT_FALSE(set.contains(HashAs<BlobHash>("c")));
  EXPECT_LT(BlobHash(), HashAs<BlobHash>("a"));
}

}  // namespace
}  // namespace depcache::testing
