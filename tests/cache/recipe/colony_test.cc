// The reference user's workspace: 566 locked packages, of which a graphical
// member needs 232 that nothing else does.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/lockfile.h"
#include "cache/recipe/make_recipe.h"
#include "cache/recipe/skeleton_json.h"
#include "cache/recipe/toml_text.h"
#include "tests/cache/recipe/workspaces.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::Colony;
using ::depcache::testing::IsOk;
using ::depcache::testing::PackageAt;
using ::depcache::testing::SmallEnvironment;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const Narrowing kServers = {{}, {"backend", "coordinator"}};

// What the servers reach, found without the code under test: over the texts of
// the lock's own [[package]] tables, from name to name, "name version" where
// the lock says so.
std::set<std::string> ReachedByHand(const std::string& lock, std::vector<std::string> waiting) {
  std::map<std::string, std::vector<std::string>> by_name;  // name -> keys "name version"
  std::map<std::string, std::vector<std::string>> dependencies;
  const TomlTable table = *ParseToml(lock);
  for (const TomlValue& value : *Find(&table, "package")->AsArray()) {
    const std::string& name = *FindString(value.AsTable(), "name");
    const std::string key = name + " " + *FindString(value.AsTable(), "version");
    by_name[name].push_back(key);
    dependencies[key] = StringsOf(Find(value.AsTable(), "dependencies"));
  }
  std::set<std::string> reached;
  while (!waiting.empty()) {
    const std::string text = waiting.back();
    waiting.pop_back();
    const bool has_version = text.find(' ') != std::string::npos;
    const std::string key = has_version ? text : by_name.at(text).at(0);
    if (!reached.insert(key).second) continue;
    for (const std::string& below : dependencies.at(key)) waiting.push_back(below);
  }
  return reached;
}

std::set<std::string> PackagesOf(const std::string& lock) {
  std::set<std::string> packages;
  const Lockfile parsed = *ParseLockfile(lock);
  for (const LockedPackage& package : parsed.packages) {
    packages.insert(package.name + " " + package.version);
  }
  return packages;
}

TEST(ColonyTest, TheServersNeedNothingThatOnlyTheGuiNeeds) {
  const absl::StatusOr<Skeleton> skeleton = BuildSkeleton(Colony(), kServers);
  ASSERT_THAT(skeleton, IsOk());
  std::set<std::string> expected = ReachedByHand(*Colony().lock, {"backend", "coordinator"});
  for (const std::string member : {"backend", "coordinator", "shared"}) {
    ASSERT_EQ(expected.erase(member + " 0.1.0"), 1U);
    expected.insert(member + " 0.0.1");
  }
  EXPECT_EQ(PackagesOf(skeleton->lock), expected);
  // 334 packages, the three members among them; the whole lock has 566.
  EXPECT_EQ(expected.size(), 334U);
  EXPECT_EQ(PackagesOf(*Colony().lock).size(), 566U);

  const std::string json = SkeletonToJson(*skeleton);
  for (const std::string_view only_gui : {"eframe", "egui", "wgpu", "winit", "crates/gui"}) {
    EXPECT_THAT(json, Not(HasSubstr(only_gui)));
  }
}

TEST(ColonyTest, OnlyTheServersManifestsStay) {
  const absl::StatusOr<Skeleton> skeleton = BuildSkeleton(Colony(), kServers);
  ASSERT_THAT(skeleton, IsOk());
  std::vector<std::string> paths;
  for (const SkeletonManifest& manifest : skeleton->manifests) paths.push_back(manifest.path);
  EXPECT_THAT(paths, ElementsAre("Cargo.toml", "crates/backend/Cargo.toml",
                                 "crates/coordinator/Cargo.toml", "crates/shared/Cargo.toml"));
  EXPECT_THAT(
      skeleton->manifests[0].contents,
      HasSubstr("members = [\"crates/backend\", \"crates/coordinator\", \"crates/shared\"]"));
}

TEST(ColonyTest, WhatHappensToTheGuiDoesNotReachTheServers) {
  const Skeleton before = *BuildSkeleton(Colony(), kServers);
  WorkspaceText changed = Colony();
  testing::Replace(PackageAt(changed, "crates/gui/Cargo.toml").text, "egui_extras", "egui_plot");
  std::string& lock = *changed.lock;
  testing::Replace(lock, "name = \"eframe\"\nversion = \"0.29.",
                   "name = \"eframe\"\nversion = \"0.30.");
  EXPECT_EQ(*BuildSkeleton(changed, kServers), before);
  EXPECT_NE(*BuildSkeleton(changed), *BuildSkeleton(Colony()));
}

TEST(ColonyTest, ASelectionNarrowsTheRecipeAsPrepareNarrowsTheSkeleton) {
  CookSelection selection;
  selection.packages = {"backend", "coordinator"};
  selection.profile = "release";
  const Recipe whole = *MakeRecipe(*BuildSkeleton(Colony()), selection, SmallEnvironment());
  const Recipe narrowed =
      *MakeRecipe(*BuildSkeleton(Colony(), kServers), selection, SmallEnvironment());
  EXPECT_EQ(whole.parts(), narrowed.parts());
  const std::string& lock = whole.parts().find("lock")->second;
  EXPECT_EQ(std::ranges::count(lock, '\n') + 1, 334);
}

}  // namespace
}  // namespace depcache
