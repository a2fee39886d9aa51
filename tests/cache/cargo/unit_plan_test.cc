#include "cache/cargo/unit_plan.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "cache/cargo/cargo_fingerprint.h"
#include "cache/cargo/target_layout.h"
#include "cache/cargo/unit_outputs.h"
#include "tests/cache/cargo/plan_builder.h"
#include "tests/cache/cargo/samples.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::ExpectMatchesGolden;
using ::depcache::testing::IsOk;
using ::depcache::testing::kSampleBuildDir;
using ::depcache::testing::kSampleRegistrySrc;
using ::depcache::testing::PlanBuilder;
using ::depcache::testing::ReadSample;
using ::depcache::testing::ReadTable;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kRegistrySrc = "/home/.cargo/registry/src";
constexpr std::string_view kPath = "path+file:///ws";
constexpr std::string_view kGit = "git+https://example.com/gdep?branch=main";

// The plan of a recorded build.
UnitPlan Recorded(const std::string& name) {
  const std::string graph = ReadSample(name + "/unit_graph.json");
  const std::string log = ReadSample(name + "/plan.log");
  absl::StatusOr<UnitPlan> plan = MakeUnitPlan(
      {graph, log, kSampleBuildDir, kSampleRegistrySrc, "/home/ci/.cargo/git/checkouts"});
  EXPECT_THAT(plan, IsOk());
  return plan.ok() ? *std::move(plan) : UnitPlan{};
}

std::string Describe(const UnitPlan& plan) {
  const TargetLayout& layout = LayoutOf(plan.layout);
  std::string text;
  for (std::size_t i = 0; i < plan.units.size(); ++i) {
    const PlannedUnit& unit = plan.units[i];
    text += fmt::format("{} {} {} {}{}\n", i, unit.package.name, unit.package.version,
                        layout.HashFile(unit.place), unit.is_root ? " (root)" : "");
    text +=
        fmt::format("  source: {}\n  package root: {}\n", unit.package.source, unit.package_root);
    if (!unit.is_eligible) text += fmt::format("  skipped: {}\n", unit.skip_reason);
    for (const GraphDep& dep : unit.deps) {
      text += fmt::format("  from {} as {}\n", dep.unit, dep.extern_name);
    }
    if (!unit.is_eligible) continue;
    for (const UnitOutput& output : OutputsOf(unit)) {
      text += fmt::format("  has {}{}\n", layout.FilePath(unit.place, output.role, output.name),
                          output.is_optional ? " (optional)" : "");
    }
  }
  return text;
}

class RecordedPlan : public ::testing::TestWithParam<const char*> {};

TEST_P(RecordedPlan, IsAsBefore) {
  ExpectMatchesGolden(std::string("cargo/") + GetParam() + "/plan.txt",
                      Describe(Recorded(GetParam())));
}

// The graph says which units a unit is built from, the fingerprints on disk
// say it by hash: the plan must put the same places on both ends.
TEST_P(RecordedPlan, HasTheEdgesOfTheFingerprints) {
  const UnitPlan plan = Recorded(GetParam());
  std::map<std::string, Fingerprint> fingerprints;
  for (const auto& row : ReadTable(std::string(GetParam()) + "/fingerprints.txt")) {
    fingerprints[row[0]] = ParseFingerprint(row[2]).value();
  }
  const TargetLayout& layout = LayoutOf(plan.layout);
  const auto of = [&](const PlannedUnit& unit) -> const Fingerprint& {
    return fingerprints.at(layout.HashFile(unit.place));
  };
  ASSERT_THAT(plan.units, SizeIs(fingerprints.size()));
  for (const PlannedUnit& unit : plan.units) {
    std::vector<std::pair<std::string, std::uint64_t>> from_graph;
    std::vector<std::pair<std::string, std::uint64_t>> from_disk;
    for (const GraphDep& dep : unit.deps) {
      from_graph.emplace_back(dep.extern_name, FingerprintHash(of(plan.units[dep.unit])));
    }
    for (const FingerprintDep& dep : of(unit).deps) from_disk.emplace_back(dep.name, dep.hash);
    EXPECT_THAT(from_graph, ::testing::UnorderedElementsAreArray(from_disk)) << unit.target.name;
    if (unit.package.kind == SourceKind::kRegistry && unit.mode != UnitMode::kRunScript) {
      EXPECT_EQ(of(unit).path, PathHash(unit.target.src_path)) << unit.target.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, RecordedPlan, ::testing::Values("classic", "v2"));

TEST(UnitPlanTest, DependenciesComeFirst) {
  PlanBuilder builder;
  const std::size_t leaf = builder.Add({.name = "leaf"});
  const std::size_t left = builder.Add({.name = "left", .deps = {leaf}});
  const std::size_t right = builder.Add({.name = "right", .deps = {left, leaf}});
  builder.Add({.name = "unreachable"});
  const std::size_t top = builder.Add({.name = "top", .deps = {right, left}});
  const absl::StatusOr<UnitPlan> plan = builder.Plan({top, left});
  ASSERT_THAT(plan, IsOk());
  ASSERT_THAT(plan->units, SizeIs(4));
  for (std::size_t i = 0; i < 4; ++i) {
    for (const GraphDep& dep : plan->units[i].deps) EXPECT_LT(dep.unit, i);
    EXPECT_TRUE(plan->units[i].is_eligible);
  }
  EXPECT_EQ(plan->units[3].package.name, "top");
  EXPECT_TRUE(plan->units[3].is_root);
  EXPECT_FALSE(plan->units[2].is_root);
  EXPECT_TRUE(plan->units[1].is_root);
}

TEST(UnitPlanTest, LongChainsAreWalked) {
  PlanBuilder builder;
  std::string log;
  std::size_t last = builder.Add({.name = "a"});
  for (int i = 0; i < 3000; ++i) last = builder.Add({.name = "a", .deps = {last}});
  for (std::size_t i = last + 1; i > 0; --i) log += builder.Line(i - 1);
  const absl::StatusOr<UnitPlan> plan =
      MakeUnitPlan({builder.Graph({last}), log, "/b", "/home/.cargo/registry/src"});
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(plan->units, SizeIs(3001));
}

TEST(UnitPlanTest, PlacesAreCompleted) {
  PlanBuilder builder;
  const std::size_t script =
      builder.Add({.name = "a-b", .kinds = R"(["custom-build"])", .crate_types = R"(["bin"])"});
  const std::size_t run = builder.Add({.name = "a-b",
                                       .deps = {script},
                                       .mode = "run-custom-build",
                                       .kinds = R"(["custom-build"])",
                                       .crate_types = R"(["bin"])"});
  const std::size_t macro = builder.Add({.name = "m", .deps = {run}, .kinds = R"(["proc-macro"])"});
  const std::size_t both = builder.Add(
      {.name = "d-e", .deps = {macro}, .kinds = R"(["lib","cdylib"])", .target = "d-e"});
  const std::size_t checked =
      builder.Add({.name = "c", .deps = {both}, .mode = "check", .kinds = R"(["dylib"])"});
  const absl::StatusOr<UnitPlan> plan = builder.Plan({checked});
  ASSERT_THAT(plan, IsOk());
  std::vector<std::pair<std::string, UnitKind>> got;
  for (const PlannedUnit& unit : plan->units) {
    got.emplace_back(unit.place.crate_name, unit.place.kind);
    EXPECT_TRUE(unit.is_eligible) << unit.skip_reason;
  }
  EXPECT_THAT(got, ::testing::ElementsAre(std::pair("build_script_build", UnitKind::kScriptBuild),
                                          std::pair("build_script_build", UnitKind::kScriptRun),
                                          std::pair("m", UnitKind::kProcMacro),
                                          std::pair("d_e", UnitKind::kDynamicLib),
                                          std::pair("c", UnitKind::kLib)));
  EXPECT_EQ(plan->units[3].package_root,
            "/home/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/d-e-1.0.0");
}

TEST(UnitPlanTest, APackageElsewhereComesFromADirectory) {
  for (const std::string src_path :
       {"/ws/vendor/a/src/lib.rs", "/home/.cargo/registry/src2/r/a-1.0.0/lib.rs",
        "/home/.cargo/registry/src/r/a-1.0.1/src/lib.rs",
        "/home/.cargo/registry/src/r/b/a-1.0.0/src/lib.rs", "/home/.cargo/registry/src/a-1.0.0"}) {
    PlanBuilder builder;
    const std::size_t unit = builder.Add({.name = "a", .src_path = src_path});
    const absl::StatusOr<UnitPlan> plan = builder.Plan({unit});
    ASSERT_THAT(plan, IsOk());
    EXPECT_EQ(plan->units[0].package.kind, SourceKind::kDirectory) << src_path;
    EXPECT_EQ(plan->units[0].package_root, "");
    EXPECT_EQ(plan->units[0].skip_reason, "has its sources where no configuration of Cargo says");
  }
}

TEST(UnitPlanTest, APackageOfADirectorySourceIsInItsFolder) {
  PlanBuilder builder;
  builder.Add({.name = "a", .src_path = "/ws/vendor/a/src/lib.rs"});
  builder.Add({.name = "g", .source = std::string(kGit), .src_path = "/ws/vendor/g-1.0.0/lib.rs"});
  builder.Add({.name = "b", .deps = {0, 1}});
  const std::vector<std::string> packages = {"/ws/vendor/a", "/ws/vendor/g", "/ws/vendor/g-1.0.0"};
  const absl::StatusOr<UnitPlan> plan = builder.Plan({2}, packages);
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->units[0].package_root, "/ws/vendor/a");
  EXPECT_EQ(plan->units[1].package_root, "/ws/vendor/g-1.0.0");
  EXPECT_EQ(plan->units[1].package.kind, SourceKind::kDirectory);
  for (const PlannedUnit& unit : plan->units) EXPECT_TRUE(unit.is_eligible);
}

TEST(UnitPlanTest, OfAGitPackageTheWholeCheckoutIsTheSource) {
  const std::string checkout = "/home/.cargo/git/checkouts/gdep-0123456789abcdef/0a1b2c3";
  for (const char* file : {"/src/lib.rs", "/crates/x/src/lib.rs"}) {
    PlanBuilder builder;
    builder.Add({.name = "x", .source = std::string(kGit), .src_path = checkout + file});
    const absl::StatusOr<UnitPlan> plan = builder.Plan({0});
    ASSERT_THAT(plan, IsOk());
    EXPECT_EQ(plan->units[0].package.kind, SourceKind::kGit);
    EXPECT_EQ(plan->units[0].package_root, checkout);
    EXPECT_TRUE(plan->units[0].is_eligible);
  }
}

TEST(UnitPlanTest, AGitPackageElsewhereComesFromADirectory) {
  for (const char* path : {"/ws/vendor/x/src/lib.rs", "/home/.cargo/git/checkouts",
                           "/home/.cargo/git/checkouts/gdep-0123456789abcdef/lib.rs",
                           "/home/.cargo/git/checkouts2/gdep/0a1b2c3/src/lib.rs"}) {
    PlanBuilder builder;
    builder.Add({.name = "x", .source = std::string(kGit), .src_path = path});
    const absl::StatusOr<UnitPlan> plan = builder.Plan({0});
    ASSERT_THAT(plan, IsOk());
    EXPECT_EQ(plan->units[0].package.kind, SourceKind::kDirectory) << path;
    EXPECT_FALSE(plan->units[0].is_eligible);
  }
}

struct Skipped {
  testing::UnitSpec unit;
  std::string why;
};

TEST(UnitPlanTest, SkipsWhatIsNotStoredAndAllThatStandsOnIt) {
  const Skipped cases[] = {
      {{.name = "x", .source = std::string(kPath)}, "is a path package"},
      {{.name = "x", .src_path = "/vendor/x/src/lib.rs"}, "has its sources where no configuration of Cargo says"},
      {{.name = "x", .extra = R"(,"is_std":true)"}, "standard library"},
      {{.name = "x", .kinds = R"(["bin"])"}, "is a bin-x"},
      {{.name = "x", .mode = "test"}, "is a test-lib-x"},
      {{.name = "x", .mode = "doc"}, "is documentation"},
      {{.name = "x", .mode = "docscrape"}, "is documentation"},
      {{.name = "x", .mode = "doctest"}, "is documentation"},
      {{.name = "x", .mode = "check", .file = "test-lib-x"}, "is a test-lib-x"},
      {{.name = "x", .kinds = R"(["lib","sharedlib"])"}, "unknown crate type 'sharedlib'"},
      {{.name = "x", .kinds = R"(["cdylib"])"}, "no crate type that another crate can link"},
      {{.name = "x", .kinds = R"(["lib","cdylib"])", .platform = R"("wasm32-unknown-unknown")"},
       "on wasm32-unknown-unknown"},
  };
  for (const Skipped& skipped : cases) {
    PlanBuilder builder;
    const std::size_t x = builder.Add(skipped.unit);
    const std::size_t leaf = builder.Add({.name = "leaf"});
    const std::size_t middle = builder.Add({.name = "middle", .deps = {leaf, x}});
    const std::size_t top = builder.Add({.name = "top", .deps = {leaf, middle}});
    const absl::StatusOr<UnitPlan> plan = builder.Plan({top});
    ASSERT_THAT(plan, IsOk()) << skipped.why;
    std::map<std::string, std::string> reasons;
    for (const PlannedUnit& unit : plan->units) {
      EXPECT_EQ(unit.is_eligible, unit.skip_reason.empty());
      EXPECT_EQ(unit.is_path_package, unit.package.kind == SourceKind::kPath);
      reasons[unit.package.name] = unit.skip_reason;
    }
    EXPECT_THAT(reasons["x"], HasSubstr(skipped.why));
    EXPECT_EQ(reasons["leaf"], "");
    EXPECT_EQ(reasons["middle"], "stands on x 1.0.0, which " + reasons["x"]);
    EXPECT_EQ(reasons["top"], reasons["middle"]);
  }
}

TEST(UnitPlanTest, ArtifactDependenciesAreRefusedByName) {
  PlanBuilder builder;
  const std::size_t x = builder.Add({.name = "x"});
  const std::size_t top = builder.Add({.name = "top", .deps = {x}});
  std::string graph = builder.Graph({top});
  const std::string_view edge = R"({"index":0,)";
  graph.replace(graph.find(edge), edge.size(), R"({"artifact":"bin","index":0,)");
  const std::string log = builder.Log({top});
  const absl::StatusOr<UnitPlan> plan = MakeUnitPlan({graph, log, "/b", kRegistrySrc});
  ASSERT_THAT(plan, IsOk());
  EXPECT_TRUE(plan->units[0].is_eligible);
  EXPECT_EQ(plan->units[1].skip_reason, "has an artifact dependency");
}

class Mismatch : public ::testing::Test {
 protected:
  Mismatch() {
    script_ = builder_.Add({.name = "x", .kinds = R"(["custom-build"])"});
    leaf_ = builder_.Add({.name = "leaf"});
    top_ = builder_.Add({.name = "top", .deps = {script_, leaf_}});
    log_ = builder_.Log({top_});
  }

  // `log_` with the first `from` replaced.
  std::string With(std::string_view from, std::string_view to) const {
    std::string log = log_;
    log.replace(log.find(from), from.size(), to);
    return log;
  }
  void ExpectRefused(const std::string& log, std::string_view why) const {
    const absl::StatusOr<UnitPlan> plan = MakeUnitPlan({builder_.Graph({top_}), log, "/b", "/r"});
    ASSERT_THAT(plan, StatusIs(absl::StatusCode::kInvalidArgument)) << why;
    EXPECT_THAT(std::string(MessageOf(plan.status())), HasSubstr(why));
  }

  PlanBuilder builder_;
  std::size_t script_ = 0;
  std::size_t leaf_ = 0;
  std::size_t top_ = 0;
  std::string log_;
};

TEST_F(Mismatch, OfTheCountIsRefused) {
  EXPECT_THAT(MakeUnitPlan({builder_.Graph({top_}), log_, "/b", "/r"}), IsOk());
  ExpectRefused(log_.substr(0, log_.find('\n') + 1), "the log has 1 units");
  ExpectRefused(log_ + builder_.Line(leaf_), "the log has 4 units, the unit graph 3");
  ExpectRefused("", "the log has 0 units");
}

TEST_F(Mismatch, OfTheOrderIsRefused) {
  ExpectRefused(builder_.Line(top_) + builder_.Line(leaf_) + builder_.Line(script_), "differ");
}

TEST_F(Mismatch, OfNameVersionOrModeIsRefused) {
  ExpectRefused(With("leaf v1.0.0", "leaf v1.0.1"), "leaf 1.0.0");
  ExpectRefused(With("package_id=leaf", "package_id=loaf"), "differ");
  ExpectRefused(With(".fingerprint/leaf-", ".fingerprint/loaf-"), "differ");
  ExpectRefused(With("/lib-leaf", "/lib-loaf"), "differ");
  ExpectRefused(With("/lib-leaf", "/test-lib-leaf"), "differ");
  ExpectRefused(With("/lib-leaf", "/bin-leaf"), "differ");
  ExpectRefused(With("/build-script-build-script-build", "/run-build-script-build-script-build"),
                "differ");
}

TEST_F(Mismatch, OfTheLayoutIsRefused) {
  ExpectRefused(
      With(".fingerprint/leaf-0000000000000001/", "build/leaf/0000000000000001/fingerprint/"),
      "both target layouts");
}

TEST_F(Mismatch, OfTheBuildDirectoryIsRefused) {
  ExpectRefused(With("/b/release", "/c/release"), "not below the build directory");
}

TEST(UnitPlanTest, RefusesACycle) {
  PlanBuilder builder;
  const std::size_t a = builder.Add({.name = "a", .deps = {1}});
  builder.Add({.name = "b", .deps = {a}});
  EXPECT_THAT(builder.Plan({a}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(UnitPlanTest, RefusesTwoEligibleUnitsInOnePlace) {
  PlanBuilder builder;
  const std::size_t a = builder.Add({.name = "a"});
  const std::size_t b = builder.Add({.name = "a"});
  const std::string graph = builder.Graph({a, b});
  const absl::StatusOr<UnitPlan> plan =
      MakeUnitPlan({graph, builder.Line(a) + builder.Line(a), "/b", kRegistrySrc});
  ASSERT_THAT(plan, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(MessageOf(plan.status())), HasSubstr("two units"));
}

TEST(UnitPlanTest, AnEmptyGraphIsAnEmptyPlan) {
  const absl::StatusOr<UnitPlan> plan = PlanBuilder().Plan({});
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(plan->units, SizeIs(0));
}

}  // namespace
}  // namespace depcache
