#include "cache/wire/convert.h"

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "cache/layer/limits.h"
#include "depcache/v1/layer_service.pb.h"
#include "tests/cache/layer/sample_records.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(ConvertTest, DigestsComeBack) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{kMaxBlobBytes}}) {
    const Digest digest{IdOf<BlobHash>('a'), size};
    v1::Digest message;
    ToProto(digest, &message);
    EXPECT_EQ(message.sha256(), std::string(32, 'a'));
    EXPECT_THAT(FromProto(message), IsOkAndHolds(digest));
  }
}

TEST(ConvertTest, DigestsAreCheckedWhenTheyArrive) {
  v1::Digest message;
  EXPECT_THAT(FromProto(message), StatusIs(kInvalid)) << "an empty hash";
  message.set_sha256(std::string(31, 'a'));
  EXPECT_THAT(FromProto(message), StatusIs(kInvalid));
  message.set_sha256(std::string(33, 'a'));
  EXPECT_THAT(FromProto(message), StatusIs(kInvalid));
  message.set_sha256(std::string(64, 'a'));
  EXPECT_THAT(FromProto(message), StatusIs(kInvalid)) << "hex instead of bytes";
  message.set_sha256(std::string(32, 'a'));
  message.set_size_bytes(kMaxBlobBytes + 1);
  EXPECT_THAT(FromProto(message), StatusIs(kInvalid));
  message.set_size_bytes(~0ULL);
  EXPECT_THAT(FromProto(message), StatusIs(kInvalid));
}

TEST(ConvertTest, ListsOfDigestsAreRefusedWhole) {
  const std::vector<Digest> digests = {{IdOf<BlobHash>('a'), 1}, {IdOf<BlobHash>('b'), 2}};
  v1::CommitLayerRequest request;
  ToProto(std::span<const Digest>(digests), request.mutable_index());
  EXPECT_THAT(DigestsFromProto(request.index()), IsOkAndHolds(digests));
  request.mutable_index(1)->clear_sha256();
  EXPECT_THAT(DigestsFromProto(request.index()), StatusIs(kInvalid));
}

TEST(ConvertTest, UnitRefsComeBackAndAreChecked) {
  const UnitRef ref{IdOf<UnitKey>('k'), IdOf<OutputDigest>('o')};
  v1::UnitRef message;
  ToProto(ref, &message);
  EXPECT_THAT(FromProto(message), IsOkAndHolds(ref));
  message.set_key("short");
  EXPECT_THAT(FromProto(message), StatusIs(kInvalid));
  ToProto(ref, &message);
  message.clear_output_digest();
  EXPECT_THAT(FromProto(message), StatusIs(kInvalid));
}

TEST(ConvertTest, PredicatesComeBack) {
  for (const Predicate& predicate : SampleUnit().predicates) {
    v1::Predicate message;
    ToProto(predicate, &message);
    EXPECT_THAT(FromProto(message), IsOkAndHolds(predicate));
  }
}

TEST(ConvertTest, KindsHaveTheNumbersOfTheProtocol) {
  EXPECT_EQ(static_cast<int>(PredicateKind::kEnv), static_cast<int>(v1::PREDICATE_KIND_ENV));
  EXPECT_EQ(static_cast<int>(PredicateKind::kFile), static_cast<int>(v1::PREDICATE_KIND_FILE));
}

TEST(ConvertTest, PredicatesAreCheckedWhenTheyArrive) {
  v1::Predicate message;
  ToProto(SampleUnit().predicates[1], &message);
  v1::Predicate bad = message;
  bad.set_kind(v1::PREDICATE_KIND_UNSPECIFIED);
  EXPECT_THAT(FromProto(bad), StatusIs(kInvalid));
  bad = message;
  bad.set_kind(static_cast<v1::PredicateKind>(3));
  EXPECT_THAT(FromProto(bad), StatusIs(kInvalid));
  bad = message;
  bad.set_name(std::string(kMaxNameBytes + 1, 'x'));
  EXPECT_THAT(FromProto(bad), StatusIs(kInvalid));
  bad.set_name(std::string(kMaxNameBytes, 'x'));
  EXPECT_THAT(FromProto(bad), IsOk());
  bad = message;
  bad.set_value_digest("short");
  EXPECT_THAT(FromProto(bad), StatusIs(kInvalid));
}

TEST(ConvertTest, PackedHashesComeBack) {
  const std::vector<BlobHash> hashes = {IdOf<BlobHash>('a'), IdOf<BlobHash>('b')};
  const std::string packed = Pack(std::span<const BlobHash>(hashes));
  EXPECT_EQ(packed, std::string(32, 'a') + std::string(32, 'b'));
  EXPECT_THAT(UnpackBlobHashes(packed, 2), IsOkAndHolds(hashes));
  EXPECT_THAT(UnpackBlobHashes("", 0), IsOkAndHolds(std::vector<BlobHash>()));
  EXPECT_THAT(UnpackPartDigests(std::string(32, 'p'), 1),
              IsOkAndHolds(ElementsAre(IdOf<PartDigest>('p'))));
}

TEST(ConvertTest, PackedHashesAreWholeAndNotTooMany) {
  const auto over = UnpackBlobHashes(std::string(96, 'a'), 2);
  EXPECT_THAT(over, StatusIs(kInvalid));
  EXPECT_THAT(std::string(MessageOf(over.status())), HasSubstr("above the limit of 2"));
  for (const std::size_t size : {1U, 31U, 33U, 63U}) {
    EXPECT_THAT(UnpackBlobHashes(std::string(size, 'a'), 100), StatusIs(kInvalid)) << size;
    EXPECT_THAT(UnpackPartDigests(std::string(size, 'a'), 100), StatusIs(kInvalid)) << size;
  }
}

TEST(ConvertTest, MessagesFitTheDefaultLimitOfOtherPeers) {
  EXPECT_LT(kMaxMessageBytes, 4U << 20);
  EXPECT_GT(kMaxMessageBytes, 65'536U * 32) << "as many hashes as the protocol allows";
  EXPECT_GT(kMaxMessageBytes, 2 * kMaxBlobBytes);
}

}  // namespace
}  // namespace depcache::testing
