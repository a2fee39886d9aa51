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
  summary.left_to_cargo = {{"debug/.fingerprint/a/lib-a", {"a", "1.0.0", ""}}};
  summary.restore_rate = 1 << 20;
  AccusedUnit stale;
  stale.package = "itoa";
  stale.version = "1.0.18";
  stale.text = "EnvVarChanged { name: \"CC\" }";
  stale.is_reported = true;
  AccusedUnit unusable = stale;
  unusable.reason = ReportReason::kUnusable;
  unusable.text = "error[E0786]: found invalid metadata files for crate `itoa`";
  unusable.has_same_output = true;
  unusable.is_reported = false;
  summary.accused = {stale, unusable};
  summary.layer_recorded = true;
  summary.bytes_received = 1 << 20;
  summary.bytes_sent = 3 << 20;
  summary.bytes_written = 5 << 20;
  summary.bytes_copied = 4 << 20;
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
                          "5 shared, 5.0 MiB written, 4.0 MiB copied from other checkouts, 1.0 MiB "
                          "received, 3.0 MiB sent in 1.23 s",
                          "1 units were left to cargo: it compiles them faster than they come at "
                          "1.0 MiB/s",
                          "2 units are not shared; --json lists them with their reasons",
                          "cargo compiled itoa 1.0.18 again, which was restored: EnvVarChanged { "
                          "name: \"CC\" } (reported to the server)",
                          "itoa 1.0.18 was there and could not be used, so it was compiled again: "
                          "error[E0786]: found invalid metadata files for crate `itoa`"));
  CookSummary many = Full();
  many.accused.resize(7);
  EXPECT_THAT(ForPeople(many), ::testing::SizeIs(9));
  EXPECT_EQ(ForPeople(many).back(), "and 2 more; --json lists them");
  CookSummary hit;
  hit.recipe = "cargo:0123456789abcdef";
  hit.result = "hit";
  hit.units_present = 313;
  EXPECT_THAT(ForPeople(hit), ElementsAre("hit 0123456789ab: 313 already there"));
  hit.units_present = 0;
  EXPECT_THAT(ForPeople(hit), ElementsAre("hit 0123456789ab: no dependency units"));
}

TEST(SummaryTest, WhatVerifyFoundIsTold) {
  CookSummary summary;
  summary.recipe = "cargo:0123456789abcdef";
  summary.result = "hit";
  summary.units_present = 5;
  summary.verified = {5, 2, 1, 0, {{"itoa", "1.0.18", true, false, {"libitoa.rlib: a.o: .text"}},
                                   {"ryu", "1.0.20", false, false, {"libryu.rmeta"}},
                                   {"json", "1.0.0", true, true, {"libjson.rlib"}}}};
  AccusedUnit accused;
  accused.package = "itoa";
  accused.version = "1.0.18";
  accused.reason = ReportReason::kDiffers;
  summary.accused = {accused};
  EXPECT_THAT(ForPeople(summary),
              ElementsAre("hit 0123456789ab: 5 already there",
                          "itoa 1.0.18 is not what its sources compile to",
                          "verified: 5 units compiled again, 2 the same, 1 but for debug "
                          "information, 0 not compared, 3 differ",
                          "itoa 1.0.18 differs in libitoa.rlib: a.o: .text",
                          "ryu 1.0.20 differs in libryu.rmeta; it comes out different each time",
                          "json 1.0.0 differs in libjson.rlib; it stands on another"));
  ExpectMatchesGolden("client/cook_summary_verified.json", ToJson(summary));
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
