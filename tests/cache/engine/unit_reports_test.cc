#include "cache/engine/unit_reports.h"

#include <gmock/gmock.h>

#include "cache/base/status.h"
#include "cache/store/opened_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {


constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

class UnitReportsTest : public ::testing::Test {
 protected:
  UnitReportsTest() {
    options_.budget = 3;
    options_.max_units = 4;
    Open();
  }
  // As a server that starts again.
  void Open() { reports_ = std::make_unique<UnitReports>(store_.catalog, clock_, options_); }

  static UnitEntry Unit(int number) {
    UnitEntry entry;
    entry.ref = {HashAs<UnitKey>(std::to_string(number)),
                 HashAs<OutputDigest>(std::to_string(number))};
    entry.principal = "builder";
    return entry;
  }
  absl::StatusOr<bool> Hear(int unit, const std::string& principal, bool is_admin = false) {
    return reports_->Hear(main_, Unit(unit),
                          {principal, is_admin, ReportReason::kUnusable, "error[E0786]"});
  }
  bool IsSuspended(int unit, const ScopeKey& scope) {
    const UnitRef ref = Unit(unit).ref;
    const auto are = reports_->AreSuspended(scope, {&ref, 1});
    EXPECT_THAT(are, IsOk());
    return are.ok() && are->at(0);
  }
  bool IsSuspended(int unit) { return IsSuspended(unit, main_); }

  FakeClock clock_;
  OpenedStore store_ = MakeMemoryStore();
  UnitReports::Options options_;
  const ScopeKey main_ = ScopeKeyOf("", "main");
  const ScopeKey other_ = ScopeKeyOf("", "other");
  std::unique_ptr<UnitReports> reports_;
};

TEST_F(UnitReportsTest, NothingIsSuspendedAtFirst) {
  EXPECT_FALSE(IsSuspended(1));
  EXPECT_THAT(reports_->HasSuspended(main_), IsOkAndHolds(false));
  EXPECT_THAT(reports_->IsEmpty(), IsOkAndHolds(true));
  EXPECT_THAT(reports_->CountSuspended(), IsOkAndHolds(0u));
}

TEST_F(UnitReportsTest, TwoPrincipalsConfirmEachOther) {
  EXPECT_THAT(Hear(1, "ann"), IsOkAndHolds(false));
  EXPECT_THAT(Hear(1, "ann"), IsOkAndHolds(false)) << "once more is no more";
  EXPECT_FALSE(IsSuspended(1));
  EXPECT_THAT(Hear(1, "ben"), IsOkAndHolds(true));
  EXPECT_TRUE(IsSuspended(1));
  EXPECT_FALSE(IsSuspended(2));
  EXPECT_FALSE(IsSuspended(1, other_));
  EXPECT_THAT(reports_->HasSuspended(main_), IsOkAndHolds(true));
  EXPECT_THAT(reports_->HasSuspended(other_), IsOkAndHolds(false));
  EXPECT_THAT(reports_->CountSuspended(), IsOkAndHolds(1u));
  EXPECT_THAT(Hear(1, "cem"), IsOkAndHolds(true));
}

TEST_F(UnitReportsTest, WhoCommittedItIsBelievedAtOnce) {
  EXPECT_THAT(Hear(1, "builder"), IsOkAndHolds(true));
  EXPECT_TRUE(IsSuspended(1));
}

TEST_F(UnitReportsTest, AnAdminIsBelievedAtOnceAndHasNoBudget) {
  for (int unit = 1; unit <= 4; ++unit) {
    EXPECT_THAT(Hear(unit, "root", /*is_admin=*/true), IsOkAndHolds(true));
  }
}

TEST_F(UnitReportsTest, OneLiarReportsFewUnitsADay) {
  for (int unit = 1; unit <= 3; ++unit) EXPECT_THAT(Hear(unit, "liar"), IsOkAndHolds(false));
  EXPECT_THAT(Hear(4, "liar"), StatusIs(kExhausted));
  EXPECT_THAT(Hear(4, "ann"), IsOkAndHolds(false));
  // A restart gives none back.
  Open();
  EXPECT_THAT(Hear(4, "liar"), StatusIs(kExhausted));
  clock_.Advance(options_.budget_time);
  EXPECT_THAT(Hear(4, "liar"), IsOkAndHolds(true));
}

TEST_F(UnitReportsTest, SuspensionsSurviveARestart) {
  ASSERT_THAT(Hear(1, "ann"), IsOk());
  Open();
  EXPECT_FALSE(IsSuspended(1));
  EXPECT_THAT(Hear(1, "ben"), IsOkAndHolds(true));
  Open();
  EXPECT_TRUE(IsSuspended(1));
  EXPECT_THAT(reports_->IsEmpty(), IsOkAndHolds(false));
}

TEST_F(UnitReportsTest, TheSameBytesFromAnotherBuilderAnswerAReport) {
  ASSERT_THAT(Hear(1, "ann"), IsOk());
  ASSERT_THAT(Hear(1, "ben"), IsOk());
  EXPECT_THAT(reports_->Answer(main_, Unit(1), "builder"), IsOkAndHolds(false));
  EXPECT_TRUE(IsSuspended(1)) << "its first builder says nothing new";
  EXPECT_THAT(reports_->Answer(other_, Unit(1), "cem"), IsOkAndHolds(false));
  EXPECT_THAT(reports_->Answer(main_, Unit(1), "cem"), IsOkAndHolds(true));
  EXPECT_FALSE(IsSuspended(1));
  Open();
  EXPECT_FALSE(IsSuspended(1));
  // Whoever was heard and answered is not heard again; others are, two of them.
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(Hear(1, "ann"), IsOkAndHolds(false));
  EXPECT_THAT(Hear(1, "dora"), IsOkAndHolds(false));
  EXPECT_FALSE(IsSuspended(1));
  EXPECT_THAT(Hear(1, "eve"), IsOkAndHolds(true));
  EXPECT_TRUE(IsSuspended(1));
}

// On a server without tokens all are one principal.
TEST_F(UnitReportsTest, WhatIsLiftedIsServedAndNotHeardOfByTheSameAgain) {
  for (const char* principal : {"ann", "ben"}) {
    ASSERT_THAT(Hear(1, principal), IsOk());
    ASSERT_THAT(Hear(2, principal), IsOk());
  }
  const auto suspended = reports_->Suspended(main_);
  ASSERT_THAT(suspended, IsOk());
  EXPECT_EQ(suspended->size(), 2);
  EXPECT_THAT(reports_->Suspended(other_), IsOkAndHolds(::testing::IsEmpty()));
  EXPECT_THAT(reports_->Lift(other_, Unit(1).ref.key), IsOkAndHolds(0u));
  EXPECT_THAT(reports_->Lift(main_, Unit(1).ref.key), IsOkAndHolds(1u));
  EXPECT_THAT(reports_->Lift(main_, Unit(1).ref.key), IsOkAndHolds(0u)) << "once more";
  EXPECT_FALSE(IsSuspended(1));
  EXPECT_TRUE(IsSuspended(2));
  EXPECT_THAT(Hear(1, "ann"), IsOkAndHolds(false));
  Open();
  EXPECT_FALSE(IsSuspended(1));
  EXPECT_TRUE(IsSuspended(2));
}

TEST_F(UnitReportsTest, WhoReportedItMayAnswerHimself) {
  ASSERT_THAT(Hear(1, "builder"), IsOkAndHolds(true));
  EXPECT_THAT(reports_->Answer(main_, Unit(1), "builder"), IsOkAndHolds(true));
  EXPECT_FALSE(IsSuspended(1));
  EXPECT_THAT(Hear(1, "builder"), IsOkAndHolds(false));
  EXPECT_FALSE(IsSuspended(1));
}

TEST_F(UnitReportsTest, AnOpenReportIsAnsweredToo) {
  ASSERT_THAT(Hear(1, "ann"), IsOk());
  EXPECT_THAT(reports_->Answer(main_, Unit(1), "cem"), IsOkAndHolds(true));
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_THAT(Hear(1, "ben"), IsOkAndHolds(false)) << "ann's word counts no more";
}

TEST_F(UnitReportsTest, TheOldestOfAServedUnitMakesRoom) {
  ASSERT_THAT(Hear(1, "root", true), IsOk());
  for (int unit = 2; unit <= 4; ++unit) {
    clock_.Advance(std::chrono::seconds(1));
    ASSERT_THAT(Hear(unit, "ann"), IsOk());
  }
  EXPECT_THAT(Hear(5, "ben"), IsOkAndHolds(false));
  EXPECT_TRUE(IsSuspended(1));
  EXPECT_THAT(Hear(2, "ben"), IsOkAndHolds(false)) << "ann's report of it is gone";
}

TEST_F(UnitReportsTest, SuspendedUnitsAreNotPushedOut) {
  for (int unit = 1; unit <= 4; ++unit) ASSERT_THAT(Hear(unit, "root", true), IsOk());
  EXPECT_THAT(Hear(5, "ann"), StatusIs(kExhausted));
  EXPECT_TRUE(IsSuspended(1));
}

}  // namespace
}  // namespace depcache::testing
