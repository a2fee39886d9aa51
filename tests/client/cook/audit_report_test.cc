#include "client/cook/audit_report.h"

#include <gmock/gmock.h>

#include "tests/support/fake_remote.h"
#include "tests/support/sample_units.h"

namespace depcache::client {
namespace {

using ::depcache::testing::FakeRemote;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReportAccusedTest : public ::testing::Test {
 protected:
  AccusedUnit& Accuse(ReportReason reason, const std::string& text) {
    AccusedUnit unit;
    unit.package = "itoa";
    unit.reason = reason;
    unit.text = text;
    unit.ref = {HashAs<UnitKey>(text), HashAs<OutputDigest>(text)};
    unit.was_restored = true;
    summary_.accused.push_back(unit);
    return summary_.accused.back();
  }
  void Report(bool may_write = true) { ReportAccused(server_, may_write, summary_); }

  FakeRemote server_;
  CookSummary summary_;
};

TEST_F(ReportAccusedTest, WhatMayBeWrongForOthersIsToldAndMarked) {
  Accuse(ReportReason::kStale, "PathToSourceChanged");
  Accuse(ReportReason::kUnusable, "error[E0786]");
  Report(/*may_write=*/false);
  ASSERT_THAT(server_.reports, SizeIs(2));
  EXPECT_EQ(server_.reports[0].unit, summary_.accused[0].ref);
  EXPECT_EQ(server_.reports[0].reason, ReportReason::kStale);
  EXPECT_EQ(server_.reports[1].text, "error[E0786]");
  EXPECT_TRUE(summary_.accused[0].is_reported);
  EXPECT_TRUE(summary_.accused[1].is_reported);
}

TEST_F(ReportAccusedTest, WhatSpeaksOfThisDiskAloneIsNot) {
  Accuse(ReportReason::kStale, "FsStatusOutdated(StaleDependency { name: \"itoa\" })");
  Accuse(ReportReason::kStale, "FsStatusOutdated(StaleItem(ChangedFile { reference: \"x\" }))");
  Accuse(ReportReason::kUnusable, "error[E0786]").has_same_output = true;
  Accuse(ReportReason::kUnusable, "error[E0460]").was_restored = false;
  Report();
  EXPECT_THAT(server_.reports, IsEmpty());
  for (const AccusedUnit& unit : summary_.accused) EXPECT_FALSE(unit.is_reported);
}

TEST_F(ReportAccusedTest, AServerThatFailsIsNoFailure) {
  server_.broken = Unavailable("gone");
  Accuse(ReportReason::kStale, "PathToSourceChanged");
  Report();
  EXPECT_FALSE(summary_.accused[0].is_reported);
}

TEST_F(ReportAccusedTest, TextThatIsNoTextIsMadeOne) {
  Accuse(ReportReason::kUnusable, "crate `\xff`");
  Report();
  ASSERT_THAT(server_.reports, SizeIs(1));
  EXPECT_EQ(server_.reports[0].text, "crate `?`");
}

// Its record was wrong, its bytes were not: the new record shall take its place.
TEST_F(ReportAccusedTest, AStaleUnitThatCameOutTheSameIsCommittedAgain) {
  testing::SampleUnits sample;
  sample.AddLib("itoa");
  const UnitRecord& record = sample.records[0];
  const Digest digest = server_.Put(Encode(record));
  server_.frames.insert(sample.remote.frames.begin(), sample.remote.frames.end());
  AccusedUnit& unit = Accuse(ReportReason::kStale, "PathToSourceChanged");
  unit.ref = sample.RefOf(0);
  unit.has_same_output = true;
  unit.record_now = digest;
  Report(/*may_write=*/false);
  EXPECT_THAT(server_.units, IsEmpty());
  unit.is_reported = false;
  Report(/*may_write=*/true);
  EXPECT_THAT(server_.units[unit.ref.key], SizeIs(1));
}

}  // namespace
}  // namespace depcache::client
