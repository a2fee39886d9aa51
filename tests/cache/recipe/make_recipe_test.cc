#include "cache/recipe/make_recipe.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/recipe/world.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::EditLock;
using ::depcache::testing::EditManifest;
using ::depcache::testing::ExpectChanges;
using ::depcache::testing::ExpectMatchesGolden;
using ::depcache::testing::IsOk;
using ::depcache::testing::Made;
using ::depcache::testing::Make;
using ::depcache::testing::PartOf;
using ::depcache::testing::Replace;
using ::depcache::testing::SetConfig;
using ::depcache::testing::SetVariable;
using ::depcache::testing::SmallEnvironment;
using ::depcache::testing::SmallWorkspace;
using ::depcache::testing::StatusIs;
using ::depcache::testing::World;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(MakeRecipeTest, AllPartsArePinned) {
  World world;
  world.selection.profile = "fast";
  world.selection.features = {"fast"};
  world.selection.packages = {"app", "tool"};
  world.selection.targets = {"wasm32-wasi", "specs/arm.json"};
  world.workspace.configs = {"build.rustflags = ['-C', 'force-frame-pointers']\n"};
  world.environment.variables = {{"CC", "clang"}, {"CARGO_BUILD_FUTURE", "x"}, {"HOME", "/h"}};
  world.environment.target_specs = {{"specs/arm.json", "{\"arch\": \"arm\"}"}};
  const Recipe recipe = Made(world);
  std::string text = RecipeHashText(recipe.Hash()) + '\n';
  for (const auto& [name, value] : recipe.parts()) text += "\n== " + name + '\n' + value + '\n';
  ExpectMatchesGolden("recipe/parts.txt", text);
}

TEST(MakeRecipeTest, FlagsFromAnyPlaceThatMeanTheSameAreTheSame) {
  World plain;
  plain.environment.variables["RUSTFLAGS"] = "-C  debuginfo=1";
  World encoded;
  encoded.environment.variables["CARGO_ENCODED_RUSTFLAGS"] =
      "-C\x1f"
      "debuginfo=1";
  World hidden = plain;
  hidden.workspace.configs = {"build.rustflags = ['-x']\n"};
  EXPECT_EQ(Made(encoded).Hash(), Made(plain).Hash());
  EXPECT_EQ(Made(hidden).Hash(), Made(plain).Hash());
  World option;
  option.selection.targets = {"wasm32-wasi"};
  World variable;
  variable.environment.variables["CARGO_BUILD_TARGET"] = "wasm32-wasi";
  EXPECT_EQ(Made(option).Hash(), Made(variable).Hash());
}

// Cargo has the text in names of units; of other variables the folder counts.
TEST(MakeRecipeTest, PathsInFlagsForRustcAreWrittenOut) {
  World here;
  here.environment.variables["RUSTFLAGS"] = "-Lnative={home}/lib -Lnative={home}/more";
  here.environment.variables["CFLAGS"] = "-I {home}/include";
  World there = here;
  here.environment.folder_names = {{"{workspace}", "/w"}, {"{home}", "/home/ann"}};
  there.environment.folder_names = {{"{workspace}", "/w"}, {"{home}", "/home/bob"}};
  EXPECT_EQ(Made(here).parts().at("rustflags"),
            "-Lnative=/home/ann/lib\n-Lnative=/home/ann/more");
  EXPECT_NE(Made(here).Hash(), Made(there).Hash());
  EXPECT_EQ(Made(here).parts().at("env.CFLAGS"), "-I {home}/include");
}

TEST(MakeRecipeTest, ASelectionOfPackagesLeavesTheOthersOut) {
  World base;
  base.selection.packages = {"app"};
  EXPECT_THAT(PartOf(base, "packages"), Not(HasSubstr("tool")));
  EXPECT_THAT(PartOf(base, "lock"), Not(HasSubstr("regex")));
  ExpectChanges(base, {
                          {"a member that is not selected",
                           EditManifest("tool", "regex = \"1\"", "regex = \"1\"\nnom = \"7\""),
                           {}},
                          {"its part of the lock", EditLock("1.10.0", "1.11.0"), {}},
                          {"a member below the selected one",
                           EditManifest("macros", "syn = \"2\"", "syn = \"2\"\nnom = \"7\""),
                           {"packages"}},
                      });
}

TEST(MakeRecipeTest, WithTheFirstResolverASelectionLeavesNothingOut) {
  World base;
  base.selection.packages = {"app"};
  Replace(base.Root(), "resolver = \"2\"", "resolver = \"1\"");
  EXPECT_THAT(PartOf(base, "packages"), HasSubstr("tool: "));
  EXPECT_THAT(PartOf(base, "lock"), HasSubstr("regex"));
  World unified;
  unified.selection.packages = {"app"};
  unified.environment.variables["CARGO_RESOLVER_FEATURE_UNIFICATION"] = "workspace";
  EXPECT_THAT(PartOf(unified, "packages"), HasSubstr("tool: "));
  World configured;
  configured.selection.packages = {"app"};
  configured.environment.outer_configs = {"resolver.feature-unification = 'workspace'"};
  EXPECT_THAT(PartOf(configured, "lock"), HasSubstr("regex"));
}

TEST(MakeRecipeTest, ANarrowedSkeletonAndASelectionGiveOneRecipe) {
  for (const std::string package : {"app", "core", "macros", "tool"}) {
    World selected;
    selected.selection.packages = {package};
    World narrowed = selected;
    narrowed.narrowing.packages = {package};
    EXPECT_EQ(Made(narrowed).parts(), Made(selected).parts()) << package;
  }
}

TEST(MakeRecipeTest, ALockOlderThanTheManifestsCountsWhole) {
  World world;
  world.selection.packages = {"tool"};
  Replace(world.Manifest("tool"), "name = \"tool\"", "name = \"renamed\"");
  world.selection.packages = {"renamed"};
  EXPECT_THAT(PartOf(world, "lock"), HasSubstr("syn "));
}

TEST(MakeRecipeTest, NoSecretIsInAnyPart) {
  World world;
  world.workspace.configs = {
      "[env]\nMY_TOKEN = 'hunter2'\nPLAIN = 'hunter2'\n"
      "[registries.acme]\nindex = 'https://me:hunter2@example.com'\ntoken = 'hunter2'\n"
      "[source.x]\nregistry = 'https://hunter2@example.com'\n"};
  world.environment.outer_configs = world.workspace.configs;
  world.environment.variables = {{"CARGO_REGISTRIES_ACME_INDEX", "https://hunter2@x"},
                                 {"CARGO_REGISTRY_TOKEN", "hunter2"},
                                 {"CFLAGS", "-DX=https://a:hunter2@b"},
                                 {"CARGO_BUILD_FUTURE", "hunter2"},
                                 {"PKG_CONFIG_SECRET", "hunter2"}};
  const Recipe recipe = Made(world);
  EXPECT_GE(recipe.parts().size(), 12U);
  for (const auto& [name, value] : recipe.parts()) {
    EXPECT_THAT(value, Not(HasSubstr("hunter2"))) << name;
  }
}

TEST(MakeRecipeTest, WhatCannotBeCachedOrIsNotKnownIsRefused) {
  struct Case {
    absl::StatusCode code;
    std::string_view message;
    std::function<void(World&)> make;
  };
  const auto kPrecondition = absl::StatusCode::kFailedPrecondition;
  const auto kArgument = absl::StatusCode::kInvalidArgument;
  const Case cases[] = {
      {kPrecondition, "build-std",
       [](World& w) { w.selection.unstable_flags = {"build-std=core"}; }},
      {kPrecondition, "build-std", SetConfig("unstable.build-std = ['core']")},
      {kPrecondition, "build-std", SetVariable("CARGO_UNSTABLE_BUILD_STD", "core")},
      {kPrecondition, "artifact",
       EditManifest("app", "itoa = \"1\"", "itoa = { version = \"1\", artifact = \"bin\" }")},
      {kPrecondition, "commit",
       [](World& w) {
         Replace(w.environment.rustc_version, "59807616e1fa2540724bfbac14d7976d7e4a3860",
                 "unknown");
       }},
      {kPrecondition, "CPU",
       [](World& w) {
         w.environment.variables["RUSTFLAGS"] = "-C target-cpu=native";
         w.environment.host_facts.erase("cpu");
       }},
      {kArgument, "rustc -vV", [](World& w) { w.environment.rustc_version = ""; }},
      {kArgument, "`arm.json` is missing", [](World& w) { w.selection.targets = {"arm.json"}; }},
      {kArgument, "`.json` is no target", [](World& w) { w.selection.targets = {".json"}; }},
      {kArgument, "`x/.json` is no target", [](World& w) { w.selection.targets = {"x/.json"}; }},
      {kArgument, "name", [](World& w) { w.environment.host_facts["a b"] = "x"; }},
      {kArgument, "name", [](World& w) { w.environment.host_facts[""] = "x"; }},
      {kArgument, "bytes", [](World& w) { w.environment.wrapper_digest.assign(20 << 20, 'x'); }},
      {kArgument, "Cargo's configuration", [](World& w) { w.environment.outer_configs = {"["}; }},
      {kArgument, "Cargo's configuration",
       [](World& w) {
         w.environment.outer_configs = {"build.target = 'a'"};
         w.selection.configs = {"build.target = ['b']"};
       }},
  };
  for (const Case& test : cases) {
    World world;
    test.make(world);
    const absl::Status status = Make(world).status();
    EXPECT_THAT(status, StatusIs(test.code)) << test.message;
    EXPECT_THAT(status.ToString(), HasSubstr(test.message));
  }
}

TEST(MakeRecipeTest, ACompilerWithoutACommitIsKnownByItsDigest) {
  World world;
  Replace(world.environment.rustc_version, "59807616e1fa2540724bfbac14d7976d7e4a3860", "unknown");
  world.environment.rustc_digest = "sha256:1";
  EXPECT_EQ(PartOf(world, "rustc.digest"), "sha256:1");
  World known;
  known.environment.rustc_digest = "sha256:1";
  EXPECT_EQ(PartOf(known, "rustc.digest"), "(absent)");
}

TEST(MakeRecipeTest, ASkeletonFromElsewhereThatDoesNotFitIsRefused) {
  absl::StatusOr<Skeleton> skeleton = BuildSkeleton(SmallWorkspace());
  ASSERT_THAT(skeleton, IsOk());
  Skeleton broken = *skeleton;
  broken.manifests[1].contents = "[";
  EXPECT_THAT(MakeRecipe(broken, {}, SmallEnvironment()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  broken = *skeleton;
  broken.manifests.erase(broken.manifests.begin() + 2);
  EXPECT_THAT(MakeRecipe(broken, {}, SmallEnvironment()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  broken = *skeleton;
  broken.lock = "version = 9\n";
  EXPECT_THAT(MakeRecipe(broken, {}, SmallEnvironment()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(MakeRecipe({}, {}, SmallEnvironment()), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache
