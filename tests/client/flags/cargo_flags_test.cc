#include "client/flags/cargo_flags.h"

#include <set>

#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ParseVerifyShareTest, IsAShareInPercent) {
  EXPECT_THAT(ParseVerifyShare("1%"), IsOkAndHolds(1u));
  EXPECT_THAT(ParseVerifyShare("100%"), IsOkAndHolds(100u));
  for (const char* wrong : {"", "%", "0%", "101%", "25", "-1%", "2.5%", "all"}) {
    EXPECT_THAT(ParseVerifyShare(wrong), StatusIs(absl::StatusCode::kInvalidArgument)) << wrong;
  }
}

TEST(CargoArgumentsTest, NothingChosenIsAPlainBuild) {
  EXPECT_THAT(CargoArguments({}), ElementsAre("build"));
}

TEST(CargoArgumentsTest, EveryFlagThatChoosesWhatIsBuiltReachesCargo) {
  CargoFlags flags;
  flags.profile = "ci";
  flags.targets = {"a", "b"};
  flags.features = {"x,y", "z"};
  flags.all_features = flags.no_default_features = true;
  flags.unstable = {"u"};
  flags.lib = flags.bins = flags.tests = flags.benches = flags.examples = flags.all_targets = true;
  flags.bin_names = {"server"};
  flags.packages = {"p"};
  flags.exclude = {"q"};
  flags.workspace = flags.offline = flags.locked = flags.frozen = true;
  flags.jobs = "3";
  flags.configs = {"k=1"};
  EXPECT_THAT(
      CargoArguments(flags),
      ElementsAre("build", "--profile", "ci", "--target", "a", "--target", "b", "--features", "x,y",
                  "--features", "z", "--all-features", "--no-default-features", "-Z", "u", "--lib",
                  "--bins", "--bin", "server", "--tests", "--benches", "--examples",
                  "--all-targets", "--package", "p", "--exclude", "q", "--workspace", "--offline",
                  "--locked", "--frozen", "--jobs", "3", "--config", "k=1"));
}

TEST(CargoArgumentsTest, WhereAndHowItIsShownAreLeftToTheCaller) {
  CargoFlags flags;
  flags.target_dir = "elsewhere";
  flags.manifest_path = "x/Cargo.toml";
  flags.verbose = 2;
  flags.timings = true;
  EXPECT_THAT(CargoArguments(flags), ElementsAre("build"));
}

TEST(CargoArgumentsTest, CheckAndClippyAreOneBuild) {
  CargoFlags check;
  check.check = true;
  CargoFlags clippy;
  clippy.clippy = true;
  EXPECT_THAT(CargoArguments(check), ElementsAre("check"));
  EXPECT_EQ(CargoArguments(check), CargoArguments(clippy));
  EXPECT_EQ(SelectionOf(check).command, CookCommand::kCheck);
  EXPECT_EQ(SelectionOf(clippy).command, CookCommand::kCheck);
}

TEST(ProfileNameTest, FollowsCargo) {
  CargoFlags flags;
  EXPECT_EQ(ProfileName(flags), "dev");
  flags.profile = "ci";
  EXPECT_EQ(ProfileName(flags), "ci");
  flags.profile.clear();
  flags.release = true;
  EXPECT_EQ(ProfileName(flags), "release");
  EXPECT_THAT(CargoArguments(flags), ElementsAre("build", "--profile", "release"));
  EXPECT_EQ(SelectionOf(flags).profile, "release");
}

TEST(SelectionTest, TakesOverWhatTheRecipeMustKnow) {
  CargoFlags flags;
  flags.targets = {"t"};
  flags.packages = {"p"};
  flags.exclude = {"e"};
  flags.bin_names = {"b"};
  flags.features = {"f"};
  flags.configs = {"c=1"};
  flags.unstable = {"z"};
  flags.workspace = flags.tests = true;
  const CookSelection selection = SelectionOf(flags);
  EXPECT_THAT(selection.targets, ElementsAre("t"));
  EXPECT_THAT(selection.packages, ElementsAre("p"));
  EXPECT_THAT(selection.excluded, ElementsAre("e"));
  EXPECT_THAT(selection.bin_names, ElementsAre("b"));
  EXPECT_THAT(selection.features, ElementsAre("f"));
  EXPECT_THAT(selection.configs, ElementsAre("c=1"));
  EXPECT_THAT(selection.unstable_flags, ElementsAre("z"));
  EXPECT_TRUE(selection.workspace);
  EXPECT_TRUE(selection.tests);
  EXPECT_FALSE(selection.benches);
}

struct WrongFlags {
  const char* name;
  void (*set)(CargoFlags&);
  const char* named;  // the message holds it
};

class CheckFlagsTest : public ::testing::TestWithParam<WrongFlags> {};

INSTANTIATE_TEST_SUITE_P(
    Wrong, CheckFlagsTest,
    ::testing::Values(
        WrongFlags{"Zigbuild", [](CargoFlags& f) { f.zigbuild = true; }, "--zigbuild"},
        WrongFlags{"ReleaseAndProfile",
                   [](CargoFlags& f) {
                     f.release = true;
                     f.profile = "ci";
                   },
                   "--profile"},
        WrongFlags{"CheckAndClippy", [](CargoFlags& f) { f.check = f.clippy = true; }, "--clippy"},
        WrongFlags{"NoBuildAlone", [](CargoFlags& f) { f.no_build = true; }, "--recipe-path"},
        WrongFlags{"NoStdAlone", [](CargoFlags& f) { f.no_std = true; }, "--no-build"},
        WrongFlags{"RecipeAndManifest",
                   [](CargoFlags& f) { f.recipe_path = f.manifest_path = "x"; }, "--manifest-path"},
        WrongFlags{"BuildStd", [](CargoFlags& f) { f.unstable = {"build-std=core"}; },
                   "-Zbuild-std=core"}),
    [](const auto& param_info) { return param_info.param.name; });

TEST_P(CheckFlagsTest, IsRefusedByName) {
  CargoFlags flags;
  GetParam().set(flags);
  const absl::Status status = CheckFlags(flags);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status.ToString(), HasSubstr(GetParam().named));
}

TEST(CheckFlagsFineTest, WhatBelongsTogetherIsTaken) {
  EXPECT_THAT(CheckFlags({}), IsOk());
  CargoFlags flags;
  flags.recipe_path = "recipe.json";
  flags.no_build = flags.no_std = flags.release = true;
  flags.unstable = {"unstable-options"};
  EXPECT_THAT(CheckFlags(flags), IsOk());
}

TEST(CargoOptionsTest, EveryFlagOfCargoChefIsThereOnceAndWithHelp) {
  CargoFlags flags;
  std::set<std::string> names;
  for (const Option& option : CargoOptions(flags)) {
    EXPECT_NE(option.help, "") << option.flags;
    std::string rest = option.flags;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      EXPECT_TRUE(names.insert(rest.substr(0, comma)).second) << rest;
      rest.erase(0, std::min(comma + 1, rest.size()));
    }
  }
  for (const char* name : {"--recipe-path",   "--profile",    "--release",
                           "--check",         "--clippy",     "--zigbuild",
                           "--target",        "--target-dir", "--no-default-features",
                           "--all-features",  "--features",   "-Z",
                           "--bins",          "--bin",        "--no-std",
                           "--manifest-path", "--package",    "--workspace",
                           "--offline",       "--locked",     "--frozen",
                           "--verbose",       "--timings",    "--no-build",
                           "--jobs"}) {
    EXPECT_THAT(names, Contains(name));
  }
}

}  // namespace
}  // namespace depcache::client
