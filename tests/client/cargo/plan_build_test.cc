#include "client/cargo/plan_build.h"

#include "tests/client/cargo/cargo_fixture.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::UnorderedElementsAre;

class PlanBuildTest : public CargoWorkspace {
 protected:
  absl::StatusOr<UnitPlan> Plan(std::vector<std::string> args = {"build"}) {
    return PlanBuild(context_.context, {"cargo", std::move(args), folder_ / "w", {}, folders_, 95});
  }
};

TEST_F(PlanBuildTest, NamesEveryUnitWithoutCompilingOne) {
  const auto plan = Plan();
  ASSERT_THAT(plan, IsOk());
  std::vector<std::string> units;
  for (const PlannedUnit& unit : plan->units) {
    units.push_back(unit.package.name + " " + unit.target.name);
    EXPECT_EQ(unit.place.hash.size(), 16U);
    EXPECT_TRUE(unit.is_path_package) << unit.package.name;
    EXPECT_FALSE(unit.is_eligible);
  }
  // The script twice: its compilation and its run.
  EXPECT_THAT(units, UnorderedElementsAre("app app", "util util", "util build-script-build",
                                          "util build-script-build", "helper helper"));
  EXPECT_FALSE(folder_.Has("w/target"));
}

TEST_F(PlanBuildTest, TheProfileIsPartOfThePlaces) {
  const auto plan = Plan({"build", "--profile", "release"});
  ASSERT_THAT(plan, IsOk());
  EXPECT_EQ(plan->units[0].place.profile_dir, "release");
}

TEST_F(PlanBuildTest, TheUsersOwnOfflineIsNotGivenTwice) {
  EXPECT_THAT(Plan({"build", "--offline"}), IsOk());
  // The lock is there by now.
  EXPECT_THAT(Plan({"build", "--frozen"}), IsOk());
}

TEST_F(PlanBuildTest, TheUsersOwnBuildFolderIsNotTouched) {
  folder_.Write("w/.cargo/config.toml", "[build]\nbuild-dir = \"mine\"\n");
  ASSERT_THAT(Plan(), IsOk());
  EXPECT_FALSE(folder_.Has("w/mine/debug"));
}

TEST_F(PlanBuildTest, WhatCargoSaysOfAWrongManifestIsShown) {
  folder_.Write("w/app/Cargo.toml", "[package]\nname = 1\n");
  EXPECT_THAT(Plan(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(context_.terminal.err, ::testing::HasSubstr("app/Cargo.toml"));
}

}  // namespace
}  // namespace depcache::client
