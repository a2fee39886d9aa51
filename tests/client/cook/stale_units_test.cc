#include "client/cook/stale_units.h"

#include "client/cook/known_units.h"
#include "client/cook/stamp.h"
#include "tests/client/capture/disk_units.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_context.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::DiskUnits;
using ::depcache::testing::IsOk;
using ::depcache::testing::TestContext;

// A script, its run that declared MODE, the library it belongs to, one which
// stands on that, and one which does not.
class StaleUnitsTest : public ::testing::Test {
 protected:
  StaleUnitsTest() {
    script_ = units_.Plan("a", UnitKind::kScriptBuild, {});
    run_ = units_.Plan("a", UnitKind::kScriptRun, {script_});
    lib_ = units_.Plan("a", UnitKind::kLib, {run_});
    top_ = units_.Plan("top", UnitKind::kLib, {lib_});
    other_ = units_.Plan("other", UnitKind::kLib, {});
    for (std::size_t i = 0; i < units_.plan.units.size(); ++i) {
      units_.Build(i);
      if (i == run_) {
        Fingerprint fingerprint = units_.FingerprintOf(run_);
        fingerprint.local = {RerunIfEnvChanged{"MODE", "fast"}};
        units_.WriteFingerprint(run_, fingerprint);
      }
      const CapturedUnit captured = units_.CaptureKnown(i);
      const auto stamp =
          MakeStamp(units_.folders.build_dir, captured.record, captured.fingerprint_hash);
      EXPECT_THAT(stamp, IsOk());
      stamps_[LayoutOf(units_.plan.layout).HashFile(units_.plan.units[i].place)] = *stamp;
    }
    EXPECT_THAT(WriteStamps(units_.folders.build_dir, stamps_), IsOk());
    variables_["MODE"] = "fast";
  }
  std::size_t Forget() {
    return ForgetStaleUnits(context_.context, units_.plan, units_.folders, variables_);
  }
  bool IsThere(std::size_t unit) const { return IsBuilt(units_.plan, unit, units_.folders); }
  fs::path Generated() const { return units_.PathOf(run_, FileRole::kOutDirEntry, "gen.rs"); }

  DiskUnits units_;
  TestContext context_{units_.folders.workspace};
  Stamps stamps_;
  Environment variables_;
  std::size_t script_ = 0;
  std::size_t run_ = 0;
  std::size_t lib_ = 0;
  std::size_t top_ = 0;
  std::size_t other_ = 0;
};

TEST_F(StaleUnitsTest, WhatWasBuiltWithTheValuesOfNowStays) {
  EXPECT_EQ(Forget(), 0U);
  EXPECT_TRUE(IsThere(run_));
  EXPECT_TRUE(fs::exists(Generated()));
}

TEST_F(StaleUnitsTest, AnotherValueTakesTheUnitAndWhatStandsOnIt) {
  variables_["MODE"] = "slow";
  EXPECT_EQ(Forget(), 3U);
  EXPECT_FALSE(IsThere(run_));
  EXPECT_FALSE(IsThere(lib_));
  EXPECT_FALSE(IsThere(top_));
  EXPECT_TRUE(IsThere(other_));
  EXPECT_FALSE(fs::exists(Generated()));
  EXPECT_TRUE(fs::exists(Generated().parent_path()));
}

TEST_F(StaleUnitsTest, AScriptThatWasNotRunToItsEndStartsInAnEmptyFolder) {
  fs::remove(units_.HashFile(run_));
  EXPECT_EQ(Forget(), 2U);  // what stands on it
  EXPECT_FALSE(fs::exists(Generated()));
}

// With another CARGO_HOME Cargo compiles again, and runs what stands on it.
TEST_F(StaleUnitsTest, OtherSourcesTakeTheUnitAndWhatStandsOnIt) {
  units_.plan.units[script_].target.src_path = "/another/home/a-1.0.0/build.rs";
  EXPECT_EQ(Forget(), 4U);
  EXPECT_FALSE(IsThere(script_));
  EXPECT_FALSE(IsThere(run_));
  EXPECT_FALSE(IsThere(top_));
  EXPECT_TRUE(IsThere(other_));
  EXPECT_FALSE(fs::exists(Generated()));
}

// Whoever built it: Cargo builds it again.
TEST_F(StaleUnitsTest, UnitsNotStampedAreOfOtherSourcesToo) {
  ASSERT_THAT(WriteStamps(units_.folders.build_dir, {}), IsOk());
  units_.plan.units[script_].target.src_path = "/another/home/a-1.0.0/build.rs";
  EXPECT_EQ(Forget(), 4U);
  EXPECT_FALSE(fs::exists(Generated()));
}

// Of a fingerprint that is not hashed as here nothing is concluded.
TEST_F(StaleUnitsTest, AFingerprintOfAnUnknownCargoSaysNothing) {
  units_.plan.units[script_].target.src_path = "/another/home/a-1.0.0/build.rs";
  DiskUnits::Put(units_.HashFile(script_), "0123456789abcdef");
  EXPECT_EQ(Forget(), 0U);
}

TEST_F(StaleUnitsTest, WhatStandsOnAUnitThatIsNotBuiltIsBuiltAgain) {
  fs::remove(units_.HashFile(script_));
  EXPECT_EQ(Forget(), 3U);
  EXPECT_FALSE(IsThere(run_));
  EXPECT_FALSE(IsThere(top_));
  EXPECT_TRUE(IsThere(other_));
  EXPECT_FALSE(fs::exists(Generated()));
}

TEST_F(StaleUnitsTest, WhatSomebodyElseBuiltIsTheirs) {
  variables_["MODE"] = "slow";
  DiskUnits::Put(units_.PathOf(run_, FileRole::kStdout), "another output");
  EXPECT_EQ(Forget(), 0U);
  EXPECT_TRUE(fs::exists(Generated()));
}

}  // namespace
}  // namespace depcache::client
