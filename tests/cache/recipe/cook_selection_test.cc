#include "cache/recipe/cook_selection.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// 1 app, 2 app-cli, 3 core, members; 4 outsider, none; 0 the root.
LocalPackages Packages(std::string_view root) {
  std::vector<LocalPackage> packages(1);
  packages[0].manifest = *ParseManifest(root);
  packages[0].name = PackageName(packages[0].manifest);
  packages[0].is_member = true;
  for (const std::string name : {"app", "app-cli", "core", "outsider"}) {
    LocalPackage package;
    package.folder = "crates/" + name;
    package.name = name;
    package.is_member = name != "outsider";
    packages.push_back(package);
  }
  absl::StatusOr<LocalPackages> made = LocalPackages::Make(packages);
  EXPECT_THAT(made, IsOk());
  return *made;
}

PackageSet Selected(const CookSelection& selection, std::string_view root = "[workspace]\n") {
  const SelectedPackages selected = SelectPackages(Packages(root), selection);
  EXPECT_TRUE(selected.is_exact);
  return selected.packages;
}

TEST(CookSelectionTest, WithoutOptionsCargosDefaultIsSelected) {
  EXPECT_THAT(Selected({}), ElementsAre(1, 2, 3));
  EXPECT_THAT(Selected({}, "[package]\nname = 'r'\n[workspace]\n"), ElementsAre(0));
  EXPECT_THAT(Selected({},
                       "[package]\nname = 'r'\n[workspace]\n"
                       "default-members = ['.', 'crates/app*']\n"),
              ElementsAre(0, 1, 2));
}

TEST(CookSelectionTest, PackagesAreSelectedByNameAndPattern) {
  CookSelection selection;
  selection.packages = {"core", "app*"};
  EXPECT_THAT(Selected(selection), ElementsAre(1, 2, 3));
  selection.packages = {"app@1.2.3", "core:0.1.0"};
  EXPECT_THAT(Selected(selection), ElementsAre(1, 3));
  selection.packages = {"a?p"};
  EXPECT_THAT(Selected(selection), ElementsAre(1));
}

TEST(CookSelectionTest, WhatIsNoMemberMakesASelectionInexact) {
  for (const std::string spec : {"serde", "https://example.com/app", "outsider", "x*"}) {
    CookSelection selection;
    selection.packages = {"app", spec};
    const SelectedPackages selected = SelectPackages(Packages("[workspace]\n"), selection);
    EXPECT_FALSE(selected.is_exact) << spec;
    EXPECT_THAT(selected.packages, ElementsAre(1));
  }
}

TEST(CookSelectionTest, TheWholeWorkspaceMayLeavePackagesOut) {
  CookSelection selection;
  selection.workspace = true;
  EXPECT_THAT(Selected(selection, "[package]\nname = 'r'\n[workspace]\n"), ElementsAre(0, 1, 2, 3));
  selection.excluded = {"app*", "unknown"};
  EXPECT_THAT(Selected(selection), ElementsAre(3));
}

TEST(CookSelectionTest, TestsCountOnlyIfSomeAreBuilt) {
  CookSelection selection;
  selection.bins = true;
  selection.lib = true;
  EXPECT_FALSE(BuildsKind(selection, TargetKind::kTest));
  EXPECT_TRUE(BuildsKind(selection, TargetKind::kBin));
  EXPECT_TRUE(BuildsKind(selection, TargetKind::kBuildScript));
  for (bool CookSelection::*option : {&CookSelection::tests, &CookSelection::benches,
                                      &CookSelection::examples, &CookSelection::all_targets}) {
    CookSelection more;
    more.*option = true;
    EXPECT_TRUE(BuildsKind(more, TargetKind::kTest));
    EXPECT_TRUE(BuildsKind(more, TargetKind::kExample));
  }
  CookSelection named;
  named.bench_names = {"speed"};
  EXPECT_TRUE(BuildsKind(named, TargetKind::kBench));
}

TEST(CookSelectionTest, TargetsAreNamedByPattern) {
  CookSelection selection;
  selection.bin_names = {"serve*"};
  EXPECT_TRUE(NamesTarget(selection, TargetKind::kBin, "server"));
  EXPECT_FALSE(NamesTarget(selection, TargetKind::kBin, "client"));
  EXPECT_FALSE(NamesTarget(selection, TargetKind::kTest, "server"));
  EXPECT_FALSE(NamesTarget(selection, TargetKind::kLib, "server"));
}

TEST(CookSelectionTest, LinesSayWhatIsBuiltInOneWayOnly) {
  CookSelection selection;
  EXPECT_THAT(TargetSelectionLines(selection), IsEmpty());
  EXPECT_THAT(FeatureSelectionLines(selection), IsEmpty());
  selection.all_targets = true;
  selection.bin_names = {"b", "a", "b"};
  selection.features = {"x,y", "z  x", ""};
  selection.no_default_features = true;
  CookSelection same;
  same.lib = same.bins = same.examples = same.tests = same.benches = true;
  same.bin_names = {"a", "b"};
  same.features = {"z", "y", "x"};
  same.no_default_features = true;
  EXPECT_EQ(TargetSelectionLines(selection), TargetSelectionLines(same));
  EXPECT_THAT(TargetSelectionLines(same),
              ElementsAre("benches", "bin a", "bin b", "bins", "examples", "lib", "tests"));
  EXPECT_EQ(FeatureSelectionLines(selection), FeatureSelectionLines(same));
  EXPECT_THAT(FeatureSelectionLines(same),
              ElementsAre("feature x", "feature y", "feature z", "no-default-features"));
}

}  // namespace
}  // namespace depcache
