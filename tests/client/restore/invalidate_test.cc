#include "client/restore/invalidate.h"

#include "cache/cargo/cargo_fingerprint.h"
#include "cache/cargo/target_layout.h"
#include "tests/support/sample_units.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::SampleUnits;
using ::depcache::testing::TestFolder;

class InvalidateTest : public ::testing::TestWithParam<LayoutKind> {
 protected:
  // A unit as Cargo leaves it, built on units of these fingerprints. Its hash
  // file, below the build directory.
  std::string Add(const std::string& name, const std::vector<std::uint64_t>& deps,
                  const std::string& triple = "") {
    UnitPlace place = SampleUnits::PlaceOf(name, UnitKind::kLib);
    place.triple = triple;
    Fingerprint fingerprint;
    for (const std::uint64_t dep : deps) fingerprint.deps.push_back({1, "dep", false, dep});
    const TargetLayout& layout = LayoutOf(GetParam());
    folder_.Write(layout.JsonFile(place), ToJson(fingerprint));
    folder_.Write(layout.HashFile(place), "0123456789abcdef");
    return layout.HashFile(place);
  }
  std::size_t Invalidate(const std::set<std::string>& except = {}) {
    return InvalidateDependents(folder_.path(), {"release", "x86_64-unknown-linux-gnu/release"},
                                GetParam(), {7, 8}, except);
  }
  const TestFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Layouts, InvalidateTest,
                         ::testing::Values(LayoutKind::kClassic, LayoutKind::kV2));

TEST_P(InvalidateTest, WhatStandsOnAReplacedUnitLosesItsHashFile) {
  const std::string above = Add("above", {1, 7});
  const std::string cross = Add("cross", {8}, "x86_64-unknown-linux-gnu");
  const std::string apart = Add("apart", {1, 2});
  EXPECT_EQ(Invalidate(), 2U);
  EXPECT_FALSE(folder_.Has(above));
  EXPECT_TRUE(folder_.Has(above + ".json"));
  EXPECT_FALSE(folder_.Has(cross));
  EXPECT_TRUE(folder_.Has(apart));
  EXPECT_EQ(Invalidate(), 0U);
}

TEST_P(InvalidateTest, ExceptedUnitsStay) {
  const std::string above = Add("above", {7});
  const std::string other = Add("other", {7});
  EXPECT_EQ(Invalidate({above}), 1U);
  EXPECT_TRUE(folder_.Has(above));
  EXPECT_FALSE(folder_.Has(other));
}

TEST_P(InvalidateTest, WhatCannotBeReadIsPassedOver) {
  const std::string broken = Add("broken", {7});
  folder_.Write(broken + ".json", "{");
  EXPECT_EQ(Invalidate(), 0U);
  EXPECT_TRUE(folder_.Has(broken));
}

TEST_P(InvalidateTest, AnEmptyBuildDirectoryHasNothingToDo) { EXPECT_EQ(Invalidate(), 0U); }

}  // namespace
}  // namespace depcache::client
