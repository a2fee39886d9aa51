#include "cache/layer/unit_record.h"

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/cache/layer/damaged_bytes.h"
#include "tests/cache/layer/sample_records.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;

TEST(UnitRecordTest, IsEncodedAsInTheGoldenFile) {
  ExpectMatchesGolden("layer/unit_record.v1", HexLines(Encode(SampleUnit())));
}

TEST(UnitRecordTest, TheSmallestIsEncodedAsInTheGoldenFile) {
  UnitRecord record;
  record.package.name = "p";
  record.package.version = "1";
  record.place = UnitPlace{"", "debug", "p", "h", "f", "c", UnitKind::kLib};
  ExpectMatchesGolden("layer/unit_record_smallest.v1", HexLines(Encode(record)));
  EXPECT_THAT(DecodeUnitRecord(Encode(record)), IsOkAndHolds(record));
}

TEST(UnitRecordTest, ComesBackAsItWas) {
  EXPECT_THAT(DecodeUnitRecord(Encode(SampleUnit())), IsOkAndHolds(SampleUnit()));
}

TEST(UnitRecordTest, RandomRecordsComeBackAsTheyWere) {
  RandomRecords random(1);
  for (int i = 0; i < 500; ++i) {
    const UnitRecord record = random.Unit();
    ASSERT_THAT(DecodeUnitRecord(Encode(record)), IsOkAndHolds(record)) << "record " << i;
  }
}

TEST(UnitRecordTest, DamageIsAnErrorOrAnotherValue) {
  ExpectDamageIsSeen(Encode(SampleUnit()), DecodeUnitRecord);
  RandomRecords random(2);
  for (int i = 0; i < 5; ++i) ExpectDamageIsSeen(Encode(random.Unit()), DecodeUnitRecord);
}

TEST(UnitRecordTest, RandomBytesAreNoRecord) {
  RandomRecords random(3);
  for (int i = 0; i < 2000; ++i) {
    EXPECT_FALSE(DecodeUnitRecord("dcu1" + random.Bytes(random.Below(400))).ok());
  }
}

TEST(UnitRecordTest, AnotherVersionIsRefused) {
  std::string bytes = Encode(SampleUnit());
  bytes[3] = '2';
  const auto record = DecodeUnitRecord(bytes);
  EXPECT_THAT(record, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(MessageOf(record.status()), "unit record: unknown version");
}

TEST(UnitRecordTest, SizeOfCountsBytesOnDisk) {
  const UnitRecord record = SampleUnit();
  std::vector<std::uint64_t> sizes;
  for (const UnitFile& file : record.files) sizes.push_back(SizeOf(file));
  EXPECT_THAT(sizes, ElementsAre((1 << 20) + 7, 900, 7, 32, 10, 0, 0));
}

TEST(UnitRecordTest, BlobsOfNamesEachBlobOnceInOrder) {
  EXPECT_THAT(BlobsOf(SampleUnit()),
              ElementsAre(Digest{IdOf<BlobHash>('1'), 1 << 20}, Digest{IdOf<BlobHash>('2'), 7}));
}

TEST(UnitRecordTest, StaysBelowTakesRelativePathsOnly) {
  for (const char* path : {"a", "a/b", "a/...", ".a/b..", "\xff/ ", "a\nb"}) {
    EXPECT_TRUE(StaysBelow(path)) << path;
  }
  for (const char* path :
       {"", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/..", "a/../b", "a/."}) {
    EXPECT_FALSE(StaysBelow(path)) << path;
  }
  EXPECT_FALSE(StaysBelow(std::string_view("a\0b", 3)));
  EXPECT_FALSE(IsSafeComponent("a/b"));
  EXPECT_TRUE(IsSafeComponent("..."));
}

}  // namespace
}  // namespace depcache::testing
