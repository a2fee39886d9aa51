#include "client/cook/audit.h"

#include <gmock/gmock.h>

#include "cache/cargo/target_layout.h"
#include "client/cargo/build_lock.h"
#include "tests/client/capture/disk_units.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_context.h"

namespace depcache::client {
namespace {

using ::depcache::testing::DiskUnits;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// a <- b <- c, all there as a server gave them, and d which was never built.
class AuditTest : public ::testing::Test {
 protected:
  AuditTest() {
    a_ = units_.Plan("a", UnitKind::kLib, {});
    b_ = units_.Plan("b", UnitKind::kLib, {a_});
    c_ = units_.Plan("c", UnitKind::kLib, {b_});
    d_ = units_.Plan("d", UnitKind::kLib, {c_});
    for (const std::size_t unit : {a_, b_, c_}) {
      units_.Build(unit);
      const CapturedUnit captured = units_.CaptureKnown(unit);
      const std::string file = LayoutOf(units_.plan.layout).HashFile(units_.plan.units[unit].place);
      auto stamp = MakeStamp(units_.folders.build_dir, captured.record, 0);
      EXPECT_TRUE(stamp.ok());
      stamps_[file] = *stamp;
      vouched_[file] = captured.ref;
      SetOld(unit);
    }
  }
  // So that a write is seen whatever the clock's grain is.
  void SetOld(std::size_t unit) {
    std::filesystem::last_write_time(units_.HashFile(unit), std::filesystem::file_time_type{});
  }
  Audit Start() const { return {units_.plan, units_.folders, units_.known, vouched_}; }
  std::vector<AccusedUnit> Accuse(const Audit& audit, const std::vector<StaleReason>& stale = {},
                                  const std::map<std::size_t, std::string>& broken = {}) {
    return audit.Accuse(stale, broken, units_.known);
  }
  bool Has(std::size_t unit, FileRole role) const {
    return std::filesystem::exists(units_.PathOf(unit, role));
  }

  DiskUnits units_;
  Stamps stamps_;
  std::map<std::string, UnitRef> vouched_;
  testing::TestContext context_{units_.folder.path()};
  std::size_t a_ = 0, b_ = 0, c_ = 0, d_ = 0;
};

TEST_F(AuditTest, WhatIsLeftAloneIsNotAccused) {
  const Audit audit = Start();
  units_.Build(d_);
  EXPECT_THAT(Accuse(audit), IsEmpty());
  EXPECT_FALSE(audit.WasCompiled(a_));
  EXPECT_TRUE(audit.WasCompiled(d_));
}

TEST_F(AuditTest, TheFirstOfAChainIsAccusedWithCargosReason) {
  const Audit audit = Start();
  units_.Build(b_);
  units_.Build(c_);
  const auto accused =
      Accuse(audit, {{"c", "1.0.0", "c", false, "of c"}, {"b", "1.0.0", "b", true, "of a run"},
                     {"b", "2.0.0", "b", false, "of another"}, {"b", "1.0.0", "b", false, "why"}});
  ASSERT_THAT(accused, SizeIs(1));
  EXPECT_EQ(accused[0].package, "b");
  EXPECT_EQ(accused[0].reason, ReportReason::kStale);
  EXPECT_EQ(accused[0].text, "why");
  EXPECT_EQ(accused[0].ref, units_.known[b_]->ref);
  EXPECT_TRUE(accused[0].was_restored);
  EXPECT_TRUE(accused[0].has_same_output);
}

TEST_F(AuditTest, OtherBytesThatCameOutAreTold) {
  const Audit audit = Start();
  units_.Build(c_, testing::MakeElf({{".text", "other code"}}));
  const UnitRef restored = units_.known[c_]->ref;
  const CapturedUnit now = units_.CaptureKnown(c_);
  const auto accused = Accuse(audit);
  ASSERT_THAT(accused, SizeIs(1));
  EXPECT_EQ(accused[0].ref, restored);
  EXPECT_FALSE(accused[0].has_same_output);
  EXPECT_EQ(accused[0].record_now, now.record_digest);
  EXPECT_THAT(accused[0].text, HasSubstr("no reason"));
}

// Compiled here by an earlier cook, under variables that may have changed.
TEST_F(AuditTest, WhatNoServerVouchedForMayBeStale) {
  vouched_.clear();
  const Audit audit = Start();
  units_.Build(a_);
  EXPECT_THAT(Accuse(audit), IsEmpty());
}

TEST_F(AuditTest, AnEmptiedHashFileCountsAsCompiled) {
  const Audit audit = Start();
  DiskUnits::Put(units_.HashFile(a_), "");
  EXPECT_THAT(Accuse(audit), SizeIs(1));
}

TEST_F(AuditTest, ErrorsNameUnitsByCrateOrByHashAndOnlyThoseThatWereThere) {
  const Audit audit = Start();
  const std::vector<LoadError> by_crate = {{"E0786", {"b", "d", "std"}, {}}};
  EXPECT_THAT(audit.FindBroken(by_crate), ElementsAre(b_));
  EXPECT_EQ(audit.ErrorOf(b_, by_crate), "E0786");
  EXPECT_EQ(audit.ErrorOf(a_, by_crate), "");
  const std::vector<LoadError> by_hash = {{"x.so", {}, {units_.plan.units[c_].place.hash}}};
  EXPECT_THAT(audit.FindBroken(by_hash), ::testing::Contains(c_));
  EXPECT_THAT(audit.FindBroken({}), IsEmpty());
}

TEST_F(AuditTest, WhatIsBrokenGoesWithAllThatStandsOnIt) {
  const Audit audit = Start();
  const std::vector<std::size_t> broken = {b_};
  EXPECT_THAT(audit.Wipe(context_.context, broken, stamps_), IsOkAndHolds(2));
  EXPECT_TRUE(Has(a_, FileRole::kRlib));
  for (const std::size_t unit : {b_, c_}) {
    EXPECT_FALSE(Has(unit, FileRole::kRlib));
    EXPECT_FALSE(std::filesystem::exists(units_.HashFile(unit)));
  }
  EXPECT_THAT(stamps_, SizeIs(1));
  for (const std::size_t unit : {b_, c_}) units_.Build(unit);
  const auto accused = Accuse(audit, {}, {{b_, "error[E0786]"}});
  ASSERT_THAT(accused, SizeIs(1)) << "c had to be compiled";
  EXPECT_EQ(accused[0].reason, ReportReason::kUnusable);
  EXPECT_EQ(accused[0].text, "error[E0786]");
}

TEST_F(AuditTest, NothingIsWipedUnderAnotherCargo) {
  const Audit audit = Start();
  context_.context.config.lock_bound = std::chrono::milliseconds(1);
  const auto other = BuildLock::Acquire(
      units_.folders.build_dir, {TargetLayout::ProfileRoot(units_.plan.units[a_].place)},
      std::chrono::seconds(10), [] {});
  ASSERT_TRUE(other.ok());
  const std::vector<std::size_t> broken = {a_};
  EXPECT_THAT(audit.Wipe(context_.context, broken, stamps_),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_TRUE(Has(a_, FileRole::kRlib));
}

}  // namespace
}  // namespace depcache::client
