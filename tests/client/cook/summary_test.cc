#include "client/cook/summary.h"

#include <gmock/gmock.h>

#include "tests/support/golden.h"

namespace depcache::client {
namespace {

using ::depcache::testing::ExpectMatchesGolden;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

CookSummary Full() {
  CookSummary summary;
  summary.recipe = "cargo:" + std::string(64, 'a');
  summary.result = "partial";
  summary.server = "cache.example:7450";
  summary.server_error = "the server \"went\" away\n";
  summary.units_planned = 20;
  summary.units_restored = 11;
  summary.units_present = 2;
  summary.units_built = 7;
  summary.units_shared = 5;
  summary.skipped = {{"openssl-sys", "0.9.1", "its output names /home/ann"},
                     {"b\xff", "1.0.0", "not UTF-8"}};
  summary.layer_recorded = true;
  summary.bytes_received = 1 << 20;
  summary.bytes_sent = 3 << 20;
  summary.bytes_written = 5 << 20;
  summary.crates_restored = 9;
  summary.seconds = {{"total", 1.23456}, {"recipe", 0.0604}};
  summary.cargo_verdict = "ok";
  summary.exit_code = 0;
  return summary;
}

TEST(SummaryTest, JsonIsTheDocumentedObject) {
  ExpectMatchesGolden("client/cook_summary.json", ToJson(Full()));
  ExpectMatchesGolden("client/cook_summary_empty.json", ToJson(CookSummary{}));
}

TEST(SummaryTest, PeopleSeeWhatHappenedAndNothingThatDidNot) {
  EXPECT_THAT(ForPeople(Full()),
              ElementsAre("partial aaaaaaaaaaaa: 11 units restored, 2 already there, 7 built, "
                          "5 shared, 5.0 MiB written, 1.0 MiB received, 3.0 MiB sent in 1.23 s",
                          "2 units are not shared; --json lists them with their reasons"));
  CookSummary hit;
  hit.recipe = "cargo:0123456789abcdef";
  hit.result = "hit";
  hit.units_present = 313;
  EXPECT_THAT(ForPeople(hit), ElementsAre("hit 0123456789ab: 313 already there"));
  hit.units_present = 0;
  EXPECT_THAT(ForPeople(hit), ElementsAre("hit 0123456789ab: no dependency units"));
}

TEST(PhaseTimerTest, AddsUpTheTimesOfOnePhase) {
  CookSummary summary;
  { const PhaseTimer timer(summary, "share"); }
  const double once = summary.seconds.at("share");
  EXPECT_GE(once, 0.0);
  summary.seconds["share"] = 100;
  { const PhaseTimer timer(summary, "share"); }
  EXPECT_GE(summary.seconds.at("share"), 100.0);
}

}  // namespace
}  // namespace depcache::client
