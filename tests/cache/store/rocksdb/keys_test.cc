#include "cache/store/rocksdb/keys.h"

#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "cache/base/hex.h"
#include "cache/base/status.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

template <typename Id>
Id IdOf(char byte) {
  return *Id::FromBytes(std::string(32, byte));
}

ScopeKey Scope() {
  ScopeKey scope;
  scope.bytes.fill('S');
  return scope;
}

LayerRecord SmallLayer() {
  LayerRecord layer;
  layer.recipe = IdOf<RecipeHash>('R');
  layer.variant = IdOf<PartDigest>('V');
  layer.predicates = {Predicate{PredicateKind::kEnv, "CC", std::nullopt},
                      Predicate{PredicateKind::kFile, "a", IdOf<PartDigest>('P')}};
  layer.index = {Digest{IdOf<BlobHash>('I'), 0x0102030405060708}};
  layer.trace = {TracePart{"lock", IdOf<PartDigest>('L'), Digest{IdOf<BlobHash>('T'), 7}}};
  layer.principal = "ci";
  layer.created = 1'700'000'000;
  layer.unit_count = 3;
  layer.plain_bytes = 4;
  layer.compile_ms = 5;
  return layer;
}

UnitEntry SmallUnit() {
  return UnitEntry{UnitRef{IdOf<UnitKey>('K'), IdOf<OutputDigest>('O')},
                   Digest{IdOf<BlobHash>('B'), 9},
                   {Predicate{PredicateKind::kEnv, "CC", IdOf<PartDigest>('P')}},
                   "laptop",
                   -1};
}

PackageEntry SmallPackage() {
  return PackageEntry{IdOf<PartDigest>('C'), Digest{IdOf<BlobHash>('B'), 10}};
}

ReportedUnit SmallReported() {
  ReportedUnit reported;
  reported.scope = Scope();
  reported.unit = SmallUnit().ref;
  reported.state = ReportState::kSuspended;
  reported.answered = 1'700'000'001;
  reported.reports = {UnitReport{"laptop", ReportReason::kUnusable, "E0786", 1'700'000'000}};
  return reported;
}

std::string Line(std::string_view name, std::string_view key, std::string_view value) {
  return fmt::format("{} {} {}\n", name, ToHex(key), value.empty() ? "-" : ToHex(value));
}

TEST(KeysTest, MatchTheGoldenFile) {
  const std::string frame = "not looked into";
  const BlobHash blob = IdOf<BlobHash>('B');
  std::string text;
  text += Line("state", kSchemaKey, EncodeSchemaVersion(kSchemaVersion));
  text += Line("blob_index", blob.AsBytes(), Encode(BlobRow{1, 2, 3}));
  text += Line("blob_ref", RefKey(Scope(), blob), "");
  text += Line("layer", LayerKey(Scope(), SmallLayer().recipe, SmallLayer().variant),
               Encode(SmallLayer()));
  text += Line("unit", UnitEntryKey(Scope(), SmallUnit()), Encode(SmallUnit()));
  text += Line("package", PackageKey(Scope(), SmallPackage().checksum), Encode(SmallPackage()));
  text += Line("report", UnitRowKey(Scope(), SmallReported().unit), Encode(SmallReported()));
  text += Line(GenerationName(7), blob.AsBytes(), PayloadHeader(blob, 77, frame) + frame);
  ExpectMatchesGolden("store/rows.v1", text);
}

// Here as well, so that rewriting the golden file cannot hide a change.
TEST(KeysTest, Version1Vectors) {
  EXPECT_EQ(ToHex(Encode(BlobRow{1, 0x100000, 0x3d090})), "01010000000000100090d00300");
  EXPECT_EQ(ToHex(EncodeSchemaVersion(1)), "01000000");
  EXPECT_EQ(GenerationName(1), "gen-000001");
  EXPECT_EQ(ToHex(PayloadHeader(IdOf<BlobHash>('B'), 77, "frame")),
            "64636231010000004d00000005000000d5df5c6809e0959b");
}

TEST(KeysTest, EntriesComeBackWhole) {
  EXPECT_THAT(DecodeBlobRow(Encode(BlobRow{4, 5, 6})), IsOkAndHolds(BlobRow{4, 5, 6}));
  EXPECT_THAT(DecodeSchemaVersion(EncodeSchemaVersion(9)), IsOkAndHolds(9u));
  EXPECT_THAT(HashOfRefKey(RefKey(Scope(), IdOf<BlobHash>('B'))),
              IsOkAndHolds(IdOf<BlobHash>('B')));
  EXPECT_THAT(DecodeLayer(LayerKey(Scope(), SmallLayer().recipe, SmallLayer().variant),
                          Encode(SmallLayer())),
              IsOkAndHolds(SmallLayer()));
  EXPECT_THAT(DecodeUnit(UnitEntryKey(Scope(), SmallUnit()), Encode(SmallUnit())),
              IsOkAndHolds(SmallUnit()));
  EXPECT_THAT(DecodeUnit(UnitRowKey(Scope(), SmallUnit().ref), Encode(SmallUnit())),
              IsOkAndHolds(SmallUnit()))
      << "as it was written before units had variants";
  EXPECT_FALSE(DecodeUnit(UnitRowKey(Scope(), SmallUnit().ref) + "x", Encode(SmallUnit())).ok());
  EXPECT_THAT(DecodePackage(PackageKey(Scope(), SmallPackage().checksum), Encode(SmallPackage())),
              IsOkAndHolds(SmallPackage()));
  EXPECT_THAT(
      DecodeReported(UnitRowKey(Scope(), SmallReported().unit), Encode(SmallReported())),
      IsOkAndHolds(SmallReported()));
}

TEST(KeysTest, ReportsOfAnUnknownKindDoNotDecode) {
  const std::string key = UnitRowKey(Scope(), SmallReported().unit);
  const std::string good = Encode(SmallReported());
  for (const char state : {'\0', '\4'}) {
    std::string bad = good;
    bad[1] = state;
    EXPECT_FALSE(DecodeReported(key, bad).ok());
  }
  ReportedUnit unknown = SmallReported();
  unknown.reports[0].reason = static_cast<ReportReason>(4);
  EXPECT_FALSE(DecodeReported(key, Encode(unknown)).ok());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(DecodeReported(key, good.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeReported(key.substr(1), good).ok());
}

TEST(KeysTest, PrefixesBeginTheKeysTheyAreFor) {
  const LayerRecord layer = SmallLayer();
  EXPECT_TRUE(LayerKey(Scope(), layer.recipe, layer.variant)
                  .starts_with(LayerPrefix(Scope(), layer.recipe)));
  EXPECT_TRUE(
      UnitRowKey(Scope(), SmallUnit().ref).starts_with(UnitPrefix(Scope(), SmallUnit().ref.key)));
  EXPECT_TRUE(UnitEntryKey(Scope(), SmallUnit())
                  .starts_with(UnitRowKey(Scope(), SmallUnit().ref)));
  EXPECT_EQ(LayerPrefix(Scope(), layer.recipe).size(), kEntryPrefixBytes);
  EXPECT_EQ(UnitPrefix(Scope(), SmallUnit().ref.key).size(), kEntryPrefixBytes);
}

TEST(KeysTest, AnotherVersionDoesNotDecode) {
  std::string row = Encode(BlobRow{1, 2, 3});
  row[0] = 2;
  EXPECT_THAT(DecodeBlobRow(row), StatusIs(absl::StatusCode::kInvalidArgument));
  std::string layer = Encode(SmallLayer());
  layer[0] = 2;
  EXPECT_THAT(DecodeLayer(std::string(80, 'k'), layer),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(KeysTest, CutOrLongerValuesDoNotDecode) {
  const std::string key = LayerKey(Scope(), SmallLayer().recipe, SmallLayer().variant);
  const std::string value = Encode(SmallLayer());
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(DecodeLayer(key, value.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeLayer(key, value + '\0').ok());
  EXPECT_FALSE(DecodeLayer(key.substr(1), value).ok());
  EXPECT_FALSE(DecodeBlobRow("").ok());
  EXPECT_FALSE(DecodeUnit("", "").ok());
  EXPECT_FALSE(DecodePackage("", "").ok());
  EXPECT_FALSE(HashOfRefKey("short").ok());
}

TEST(KeysTest, DamagedValuesNeverDoHarm) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  const std::string key = LayerKey(Scope(), SmallLayer().recipe, SmallLayer().variant);
  for (int round = 0; round < 20'000; ++round) {
    std::string value = round % 2 == 0 ? Encode(SmallLayer()) : Encode(SmallUnit());
    for (int flips = 0; flips < 3; ++flips) {
      value[random() % value.size()] ^= static_cast<char>(random());
    }
    value.resize(random() % (value.size() + 1));
    const auto layer = DecodeLayer(key, value);
    if (layer.ok()) {
      EXPECT_EQ(Encode(*layer), value);
    }
    const auto unit = DecodeUnit(key, value);
    if (unit.ok()) {
      EXPECT_EQ(Encode(*unit), value);
    }
  }
}

TEST(GenerationNameTest, OnlyItsOwnNamesParse) {
  for (const std::uint32_t number : {1u, 42u, 999'999u, 1'000'000u, ~0u}) {
    EXPECT_EQ(ParseGenerationName(GenerationName(number)), number);
  }
  for (const char* name : {"", "gen-", "gen-1", "gen-0000001", "gen-00000x", "gen--00001",
                           "gen-4294967296", "default", "Gen-000001", "gen-000001 "}) {
    EXPECT_EQ(ParseGenerationName(name), std::nullopt) << name;
  }
}

class PayloadTest : public ::testing::Test {
 protected:
  const BlobHash blob_ = IdOf<BlobHash>('B');
  const std::string frame_ = std::string(1000, 'f') + "end";
  const std::string value_ = PayloadHeader(blob_, 77, frame_) + frame_;
};

TEST_F(PayloadTest, ComesBackWhole) {
  const auto payload = CheckPayload(blob_, value_);
  ASSERT_THAT(payload, IsOk());
  EXPECT_EQ(payload->plain_bytes, 77u);
  EXPECT_EQ(payload->frame, frame_);
  EXPECT_EQ(value_.size(), kPayloadHeaderBytes + frame_.size());
}

TEST_F(PayloadTest, EveryFlippedBitIsDataLoss) {
  for (std::size_t bit = 0; bit < value_.size() * 8; ++bit) {
    std::string damaged = value_;
    damaged[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    // The three zero bytes are covered by the checksum as well.
    EXPECT_THAT(CheckPayload(blob_, damaged), StatusIs(absl::StatusCode::kDataLoss)) << bit;
  }
}

TEST_F(PayloadTest, EveryCutIsDataLoss) {
  for (std::size_t size = 0; size < value_.size(); ++size) {
    EXPECT_THAT(CheckPayload(blob_, value_.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss));
  }
  EXPECT_THAT(CheckPayload(blob_, value_ + "x"), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(PayloadTest, PayloadOfAnotherBlobIsDataLoss) {
  EXPECT_THAT(CheckPayload(IdOf<BlobHash>('C'), value_), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace depcache::testing
