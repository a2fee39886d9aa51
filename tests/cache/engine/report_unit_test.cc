#include "cache/engine/layer_cache.h"

#include <gmock/gmock.h>

#include "tests/cache/engine/engine_fixture.h"

namespace depcache::testing {
namespace {

constexpr auto kNotFound = absl::StatusCode::kNotFound;

class ReportUnitTest : public EngineFixture {
 protected:
  ReportUnitTest() {
    LayerBuilder builder;
    base_ = builder.AddUnit("base", "rlib of base");
    top_ = builder.AddUnit("top", "rlib of top", {base_});
    layer_ = builder.Build();
    Store(Scope(), RecipeOf(1), layer_);
  }
  static CallScope By(const std::string& principal, const std::string& scope = "main",
                      std::vector<std::string> others = {}) {
    std::vector<std::string> readable = {scope};
    readable.insert(readable.end(), others.begin(), others.end());
    auto call = ResolveScope(Caller{principal, "", readable, {scope}}, "", scope);
    EXPECT_THAT(call, IsOk());
    return call.value_or(CallScope{});
  }
  absl::StatusOr<bool> Report(const UnitRef& unit, const CallScope& scope) {
    return cache().ReportUnit(scope, unit, ReportReason::kUnusable, "error[E0786]\n\x1b[31m");
  }
  // Outputs of its key that are served.
  std::size_t Served(const UnitRef& unit, const CallScope& scope = Reader()) {
    const auto found = cache().OpenUnits(scope)->Find({&unit.key, 1});
    EXPECT_THAT(found, IsOk());
    return found.ok() ? found->at(0).size() : 0;
  }
  bool HasLayer(const CallScope& scope = Reader()) {
    return cache().FindLayer(scope, RecipeOf(1)).ok();
  }

  UnitRef base_;
  UnitRef top_;
  BuiltLayer layer_;
};

TEST_F(ReportUnitTest, ASuspendedUnitAndItsLayersAreAMiss) {
  EXPECT_THAT(Report(base_, By("ben")), IsOkAndHolds(false));
  EXPECT_TRUE(HasLayer());
  EXPECT_EQ(Served(base_), 1);
  EXPECT_THAT(Report(base_, By("cem")), IsOkAndHolds(true));
  EXPECT_FALSE(HasLayer());
  EXPECT_EQ(Served(base_), 0);
  EXPECT_EQ(Served(top_), 1) << "nobody asks for it by this key but through base";
  EXPECT_EQ(cache().counters().Get(Count::kReports), 2);
  const auto stats = cache().StatsNow();
  ASSERT_THAT(stats, IsOk());
  EXPECT_EQ(stats->suspended_units, 1);
  // Nothing was erased.
  EXPECT_EQ(stats->entries, (CatalogCounts{1, 2}));
}

TEST_F(ReportUnitTest, ReadersMayReportAndStrangersLearnNothing) {
  EXPECT_THAT(Report(base_, Reader()), IsOkAndHolds(false));
  EXPECT_THAT(Report(base_, By("ben", "pr/7")), StatusIs(kNotFound));
  const UnitRef unknown{base_.key, HashAs<OutputDigest>("none")};
  EXPECT_THAT(Report(unknown, By("ben")), StatusIs(kNotFound));
  EXPECT_EQ(cache().counters().Get(Count::kReports), 1);
}

TEST_F(ReportUnitTest, ALongTextIsRefused) {
  EXPECT_THAT(
      cache().ReportUnit(By("ben"), base_, ReportReason::kStale, std::string(1025, 'x')),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ReportUnitTest, EveryScopeThatHasItJudgesForItself) {
  Store(Scope("dev/ann"), RecipeOf(1), layer_);
  // ann committed both; ben, who reads main after his own scope, has one voice in each.
  EXPECT_THAT(Report(base_, By("ben", "dev/ann", {"main"})), IsOkAndHolds(false));
  EXPECT_THAT(Report(base_, By("cem")), IsOkAndHolds(true));
  EXPECT_FALSE(HasLayer());
  EXPECT_TRUE(HasLayer(Reader("dev/ann")));
  EXPECT_EQ(Served(base_, Reader("dev/ann")), 1);
}

TEST_F(ReportUnitTest, AnotherOutputIsServedAgain) {
  ASSERT_THAT(Report(base_, Scope()), IsOkAndHolds(true));  // ann, who committed it
  LayerBuilder builder;
  const UnitRef sound = builder.AddUnit("base", "sound rlib");
  builder.AddUnit("top", "sound top", {sound});
  ASSERT_EQ(sound.key, base_.key);
  const BuiltLayer layer = builder.Build();
  Store(By("ben"), RecipeOf(1), layer);
  EXPECT_EQ(Served(base_), 1);
  const auto found = cache().FindLayer(Reader(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->variants.size(), 1);
  EXPECT_EQ(found->variants[0].index, layer.index);
}

TEST_F(ReportUnitTest, TheSameBytesFromAnotherAreServedWithTheNewRecord) {
  ASSERT_THAT(Report(base_, By("ben")), IsOk());
  ASSERT_THAT(Report(base_, By("cem")), IsOkAndHolds(true));
  // Ann sends what she had sent.
  ASSERT_THAT(CommitUnits(Scope(), layer_), IsOk());
  EXPECT_EQ(Served(base_), 0);
  UnitRecord record;
  for (const auto& [hash, plain] : layer_.blobs) {
    if (hash == layer_.units[0].record.hash) record = *DecodeUnitRecord(plain);
  }
  record.compile_ms = 7;
  LayerBuilder builder;
  ASSERT_EQ(builder.AddRecord(record), base_);
  ASSERT_THAT(Put(By("dora"), {Encode(record), "rlib of base"}), IsOk());
  const UnitCommit commit{base_, DigestOf(Encode(record))};
  ASSERT_THAT(cache().CommitUnits(By("dora"), {&commit, 1}, {}), IsOk());
  const auto found = cache().OpenUnits(Reader())->Find({&base_.key, 1});
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->at(0).size(), 1);
  EXPECT_EQ(found->at(0)[0].record, commit.record);
  EXPECT_EQ(found->at(0)[0].principal, "dora");
  EXPECT_TRUE(HasLayer());
}

TEST_F(ReportUnitTest, OnlyAdminsHaveNoBudget) {
  CallScope root = By("root");
  root.is_admin = true;
  EXPECT_THAT(Report(top_, root), IsOkAndHolds(true));
  EXPECT_FALSE(HasLayer());
  EXPECT_EQ(Served(base_), 1);
  EXPECT_EQ(Served(top_), 0);
}

TEST_F(ReportUnitTest, AnAdminSeesWhatIsSuspendedAndServesItAgain) {
  ASSERT_THAT(Report(base_, By("ben")), IsOk());
  ASSERT_THAT(Report(base_, By("cem")), IsOk());
  CallScope admin = By("root");
  EXPECT_THAT(cache().ListSuspended(admin), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(cache().ServeUnits(admin, base_.key), StatusIs(absl::StatusCode::kPermissionDenied));
  admin.is_admin = true;
  const auto suspended = cache().ListSuspended(admin);
  ASSERT_THAT(suspended, IsOk());
  ASSERT_EQ(suspended->size(), 1);
  EXPECT_EQ(suspended->at(0).reported.unit, base_);
  EXPECT_EQ(suspended->at(0).principal, "ann");
  ASSERT_TRUE(suspended->at(0).package);
  EXPECT_EQ(suspended->at(0).package->name, "base");
  ASSERT_EQ(suspended->at(0).reported.reports.size(), 2);
  EXPECT_EQ(suspended->at(0).reported.reports[0].text, "error[E0786]  [31m")
      << "nothing that a terminal obeys";
  EXPECT_THAT(cache().ServeUnits(admin, base_.key), IsOkAndHolds(1u));
  EXPECT_TRUE(HasLayer());
  EXPECT_EQ(Served(base_), 1);
  EXPECT_THAT(cache().ServeUnits(admin, base_.key), IsOkAndHolds(0u));
}

}  // namespace
}  // namespace depcache::testing
