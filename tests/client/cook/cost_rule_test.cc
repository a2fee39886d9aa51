#include "client/cook/cost_rule.h"

#include <gmock/gmock.h>

#include "tests/client/capture/disk_units.h"
#include "tests/support/sample_units.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::DiskUnits;
using ::depcache::testing::SampleUnits;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint64_t kMega = 1'000'000;

// `top` stands on `mid`, and that on `low`; each took a second.
class FasterCompiledTest : public ::testing::Test {
 protected:
  FasterCompiledTest() {
    low_ = sample_.AddLib("low");
    mid_ = sample_.AddLib("mid", {low_});
    top_ = sample_.AddLib("top", {mid_});
    for (UnitRecord& record : sample_.records) record.compile_ms = 1000;
  }
  std::vector<bool> Find(const std::vector<std::uint64_t>& bytes) {
    std::vector<FetchableUnit> units;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      units.push_back({sample_.RefOf(i), &sample_.records[i], bytes[i]});
    }
    return FindFasterCompiled(units, kMega);
  }
  SampleUnits sample_;
  std::size_t low_ = 0;
  std::size_t mid_ = 0;
  std::size_t top_ = 0;
};

TEST_F(FasterCompiledTest, AUnitIsLeftIfItsCompileWasFasterThanItsBytesWouldCome) {
  EXPECT_THAT(Find({0, 0, 2 * kMega}), ElementsAre(false, false, true));
  EXPECT_THAT(Find({0, 0, kMega}), ElementsAre(false, false, false));
}

TEST_F(FasterCompiledTest, NotIfOneThatIsFetchedStandsOnIt) {
  EXPECT_THAT(Find({2 * kMega, 2 * kMega, 1}), ElementsAre(false, false, false));
  EXPECT_THAT(Find({2 * kMega, 1, 2 * kMega}), ElementsAre(false, false, true));
}

TEST_F(FasterCompiledTest, NorIfOneThatIsHereStandsOnIt) {
  EXPECT_THAT(Find({2 * kMega, 2 * kMega, 0}), ElementsAre(false, false, false));
}

TEST_F(FasterCompiledTest, WhatOnlySuchStandOnIsLeftToo) {
  EXPECT_THAT(Find({2 * kMega, 2 * kMega, 2 * kMega}), ElementsAre(true, true, true));
}

TEST_F(FasterCompiledTest, WhereNoTimeIsKnownItIsFetched) {
  sample_.records[top_].compile_ms = 0;
  EXPECT_THAT(Find({0, 0, 2 * kMega}), ElementsAre(false, false, false));
}

// Both `a` and `b` are on the server, `c` is nowhere.
class LeaveToCargoTest : public ::testing::Test {
 protected:
  LeaveToCargoTest() {
    for (const char* name : {"a", "b"}) {
      const std::size_t unit = sample_.AddLib(name);
      sample_.records[unit].compile_ms = 1;
      units_.Plan(name, UnitKind::kLib, {});
      layer_.index.units.push_back({sample_.RefOf(unit), Digest()});
    }
    layer_.records = sample_.records;
    missing_ = units_.Plan("c", UnitKind::kLib, {});
  }
  std::map<std::string, SkippedUnit> Leave(double bytes_per_second = 1) {
    return LeaveToCargo({units_.plan, positions_, units_.folders, siblings_, bytes_per_second},
                        layer_);
  }
  DiskUnits units_;
  SampleUnits sample_;
  LayerDownload layer_;
  const std::vector<std::size_t> positions_ = {0, 1};
  std::vector<fs::path> siblings_;
  std::size_t missing_ = 0;
};

TEST_F(LeaveToCargoTest, TakesThemOutOfTheLayerAndNamesThem) {
  const auto left = Leave();
  ASSERT_THAT(left, SizeIs(2));
  EXPECT_EQ(left.begin()->second.package, "a");
  EXPECT_EQ(left.begin()->first,
            LayoutOf(LayoutKind::kClassic).HashFile(units_.plan.units[0].place));
  EXPECT_THAT(layer_.records, IsEmpty());
  EXPECT_THAT(layer_.index.units, IsEmpty());
}

TEST_F(LeaveToCargoTest, KeepsWhatIsWorthFetching) {
  layer_.records[1].compile_ms = 1'000'000;
  EXPECT_THAT(Leave(), SizeIs(1));
  ASSERT_THAT(layer_.records, SizeIs(1));
  EXPECT_EQ(layer_.records[0].package.name, "b");
  EXPECT_EQ(layer_.index.units[0].ref, sample_.RefOf(1));
}

TEST_F(LeaveToCargoTest, ForThemAloneCargoNeedNotRun) {
  units_.Build(missing_);
  EXPECT_THAT(Leave(), IsEmpty());
  EXPECT_THAT(layer_.records, SizeIs(2));
}

TEST_F(LeaveToCargoTest, WhatIsHereOrInAnotherCheckoutIsNotFetched) {
  units_.Build(0);
  siblings_.push_back(units_.folder.path() / "other");
  const UnitRecord& record = sample_.records[1];
  for (const UnitFile& file : record.files) {
    if (!std::holds_alternative<BlobContent>(file.content)) continue;
    DiskUnits::Put(
        siblings_[0] / LayoutOf(record.layout).FilePath(record.place, file.role, file.name),
        std::string(SizeOf(file), 'x'));
  }
  EXPECT_THAT(Leave(), IsEmpty());
  EXPECT_THAT(layer_.records, SizeIs(2));
}

}  // namespace
}  // namespace depcache::client
