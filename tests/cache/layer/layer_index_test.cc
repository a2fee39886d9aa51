#include "cache/layer/layer_index.h"

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "cache/layer/limits.h"
#include "tests/cache/layer/damaged_bytes.h"
#include "tests/cache/layer/sample_records.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::HasSubstr;

template <typename T>
std::string ErrorOf(const absl::StatusOr<T>& result) {
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(MessageOf(result.status()));
}

TEST(LayerIndexTest, IsEncodedAsInTheGoldenFile) {
  ExpectMatchesGolden("layer/layer_index.v1", HexLines(Encode(SampleIndex())));
}

TEST(LayerIndexTest, PackageRecordIsEncodedAsInTheGoldenFile) {
  ExpectMatchesGolden("layer/package_record.v1", HexLines(Encode(SamplePackage())));
}

TEST(LayerIndexTest, RandomValuesComeBackAsTheyWere) {
  RandomRecords random(11);
  for (int i = 0; i < 300; ++i) {
    const LayerIndex index = random.Index();
    ASSERT_THAT(DecodeLayerIndex(Encode(index)), IsOkAndHolds(index));
    const PackageRecord package = random.Package();
    ASSERT_THAT(DecodePackageRecord(Encode(package)), IsOkAndHolds(package));
  }
}

TEST(LayerIndexTest, DamageIsAnErrorOrAnotherValue) {
  ExpectDamageIsSeen(Encode(SampleIndex()), DecodeLayerIndex);
  ExpectDamageIsSeen(Encode(SamplePackage()), DecodePackageRecord);
}

TEST(LayerIndexTest, AnEmptyLayerIsALayer) {
  EXPECT_THAT(DecodeLayerIndex(Encode(LayerIndex{})), IsOkAndHolds(LayerIndex{}));
}

TEST(LayerIndexTest, UnitsAndPackagesHaveLimits) {
  LayerIndex index;
  index.units.resize(kMaxLayerUnits);
  index.packages.resize(kMaxLayerPackages);
  EXPECT_THAT(DecodeLayerIndex(Encode(index)), IsOkAndHolds(index));
  index.units.emplace_back();
  EXPECT_THAT(ErrorOf(DecodeLayerIndex(Encode(index))), HasSubstr("a list of 20001 items"));
  index.units.pop_back();
  index.packages.emplace_back();
  EXPECT_THAT(ErrorOf(DecodeLayerIndex(Encode(index))), HasSubstr("a list of 20001 items"));
}

TEST(LayerIndexTest, RecordsHaveALimit) {
  LayerIndex index = SampleIndex();
  index.units[0].record.size_bytes = kMaxRecordBytes + 1;
  EXPECT_THAT(ErrorOf(DecodeLayerIndex(Encode(index))), HasSubstr("a record is too large"));
  index = SampleIndex();
  index.packages[0].size_bytes = kMaxRecordBytes + 1;
  EXPECT_THAT(ErrorOf(DecodeLayerIndex(Encode(index))), HasSubstr("a record is too large"));
}

TEST(LayerIndexTest, UnknownLayoutsAreRefused) {
  for (const int layout : {0, 200, 255}) {
    LayerIndex index = SampleIndex();
    index.layout = static_cast<LayoutKind>(layout);
    EXPECT_THAT(ErrorOf(DecodeLayerIndex(Encode(index))), HasSubstr("unknown layout"));
  }
}

TEST(LayerIndexTest, OneKindIsNeverReadAsAnother) {
  EXPECT_FALSE(DecodeLayerIndex(Encode(SamplePackage())).ok());
  EXPECT_FALSE(DecodePackageRecord(Encode(SampleIndex())).ok());
  EXPECT_FALSE(DecodeUnitRecord(Encode(SampleIndex())).ok());
  EXPECT_FALSE(DecodePackageRecord("").ok());
}

TEST(LayerIndexTest, AnIndexLineIsOneLineWithALimit) {
  PackageRecord package = SamplePackage();
  package.index_line = std::string(kMaxIndexLineBytes, 'x');
  EXPECT_THAT(DecodePackageRecord(Encode(package)), IsOkAndHolds(package));
  package.index_line += 'x';
  EXPECT_THAT(ErrorOf(DecodePackageRecord(Encode(package))), HasSubstr("above the limit"));
  package.index_line = "{}\n{}";
  EXPECT_THAT(ErrorOf(DecodePackageRecord(Encode(package))), HasSubstr("not one line"));
}

TEST(LayerIndexTest, APackageNamesNoOtherFolder) {
  for (const char* name : {"..", "a/b", "", "/"}) {
    PackageRecord package = SamplePackage();
    package.package.name = name;
    EXPECT_THAT(ErrorOf(DecodePackageRecord(Encode(package))), HasSubstr("not one component"));
    package = SamplePackage();
    package.package.version = name;
    EXPECT_THAT(ErrorOf(DecodePackageRecord(Encode(package))), HasSubstr("not one component"));
  }
}

TEST(LayerIndexTest, SourcesMayBeLeftOut) {
  PackageRecord package = SamplePackage();
  package.crate.clear();
  EXPECT_THAT(DecodePackageRecord(Encode(package)), IsOkAndHolds(package));
  package = SamplePackage();
  package.crate[0].size_bytes = kMaxBlobBytes + 1;
  EXPECT_THAT(ErrorOf(DecodePackageRecord(Encode(package))), HasSubstr("a blob is too large"));
}

}  // namespace
}  // namespace depcache::testing
