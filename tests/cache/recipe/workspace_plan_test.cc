#include "cache/recipe/workspace_plan.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/cargo_config.h"
#include "tests/cache/recipe/workspaces.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::Locked;
using ::depcache::testing::LockText;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// 0 root with patches and a replacement; 1 a uses "used", "far" and "old"; 2 b
// uses "other"; 3 and 4 are what the patches name by path.
WorkspacePlan Sample() {
  const std::pair<std::string, std::string_view> manifests[] = {
      {"", R"(
[workspace]
members = ["a", "b"]
[patch.crates-io]
used = { path = "patches/used" }
other = { path = "patches/other" }
far = { git = "https://example.com/far" }
not-far = { git = "https://example.com/x", package = "used" }
[patch."https://example.com/y"]
nobody = { path = "patches/other" }
[replace]
"old:0.1.0" = { git = "https://example.com/old" }
"other:1.0.0" = { git = "https://example.com/o" }
)"},
      {"a", "[package]\nname = 'a'\n[dependencies]\nused = '1'\nfar = '1'\nold = '0.1'\n"},
      {"b", "[package]\nname = 'b'\n[dependencies]\nother = '1'\n"},
      {"patches/used", "[package]\nname = 'used'\nversion = '1.5.0'\n"},
      {"patches/other", "[package]\nname = 'other'\nversion = '1.0.0'\n"},
  };
  WorkspacePlan plan;
  std::vector<LocalPackage> packages;
  for (const auto& [folder, text] : manifests) {
    LocalPackage package;
    package.folder = folder;
    package.manifest = *ParseManifest(text);
    package.name = PackageName(package.manifest);
    package.is_member = folder.size() == 1;
    packages.push_back(std::move(package));
  }
  plan.packages = *LocalPackages::Make(std::move(packages));
  plan.config = *MergeConfigs(std::vector<std::string>{
      "[patch.crates-io]\nused = { path = 'patches/used' }\nspare = { path = 'patches/other' }\n"});
  plan.lock = *ParseLockfile(LockText({
      Locked("a", "1.0.0", {"far", "old 0.1.0 (" + std::string(testing::kRegistry) + ")", "used"},
             ""),
      Locked("b", "1.0.0", {"other"}, ""),
      Locked("far", "1.2.0", {}, "git+https://example.com/far#77"),
      "\n[[package]]\nname = \"old\"\nversion = \"0.1.0\"\nsource = \"" +
          std::string(testing::kRegistry) +
          "\"\nreplace = \"old 0.1.0 (git+https://example.com/old)\"\n",
      Locked("old", "0.1.0", {}, "git+https://example.com/old#88"),
      Locked("other", "1.0.0", {}, ""),
      Locked("used", "1.5.0", {}, ""),
  }));
  return plan;
}

TEST(WorkspacePlanTest, TheWholeKeepsEveryPatch) {
  const absl::StatusOr<WorkspacePlan> plan = PlanFor(Sample(), {1, 2}, PlanScope::kWhole);
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(plan->kept, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(plan->versioned, ElementsAre("other", "used"));
  EXPECT_THAT(plan->missing, IsEmpty());
  EXPECT_EQ(plan->packages.root().manifest, Sample().packages.root().manifest);
  EXPECT_EQ(plan->lock, Sample().lock);
}

TEST(WorkspacePlanTest, NarrowedOnlyPatchesThatTheLockUsesStay) {
  const absl::StatusOr<WorkspacePlan> plan = PlanFor(Sample(), {1}, PlanScope::kNarrowed);
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(plan->kept, ElementsAre(1, 3));
  EXPECT_THAT(plan->versioned, ElementsAre("used"));
  EXPECT_EQ(PrintToml(plan->packages.root().manifest),
            "[patch.crates-io]\n"
            "far = { git = \"https://example.com/far\" }\n"
            "used = { path = \"patches/used\" }\n"
            "\n"
            "[replace]\n"
            "\"old:0.1.0\" = { git = \"https://example.com/old\" }\n"
            "\n"
            "[workspace]\n"
            "members = [\"a\", \"b\"]\n");
  EXPECT_EQ(PrintToml(plan->config), "[patch.crates-io]\nused = { path = \"patches/used\" }\n");
  std::vector<std::string> locked;
  for (const LockedPackage& package : plan->lock.packages) locked.push_back(package.name);
  EXPECT_THAT(locked, ElementsAre("a", "far", "old", "old", "used"));

  const absl::StatusOr<WorkspacePlan> other = PlanFor(Sample(), {2}, PlanScope::kNarrowed);
  ASSERT_THAT(other, IsOk());
  EXPECT_THAT(other->kept, ElementsAre(2, 4));
  EXPECT_THAT(other->config, IsEmpty());
}

TEST(WorkspacePlanTest, ThePatchOfAPackageThatIsNotThereIsMissing) {
  WorkspacePlan sample = Sample();
  sample.packages.EditRoot([](TomlTable& root) {
    *FindTable(FindTable(FindTable(&root, "patch"), "crates-io"),
               "used") = {{"path", TomlString("elsewhere")}};
  });
  const absl::StatusOr<WorkspacePlan> plan = PlanFor(sample, {1}, PlanScope::kNarrowed);
  ASSERT_THAT(plan, IsOk());
  ASSERT_EQ(plan->missing.size(), 1U);
  EXPECT_EQ(plan->missing.begin()->folder, "elsewhere");
}

TEST(WorkspacePlanTest, AMemberThatTheLockDoesNotKnowIsAnError) {
  WorkspacePlan sample = Sample();
  sample.lock.packages.erase(sample.lock.packages.begin() + 1);
  for (LockedPackage& package : sample.lock.packages) package.dependencies.clear();
  for (LockedPackage& package : sample.lock.packages) package.replacement.reset();
  EXPECT_THAT(PlanFor(sample, {2}, PlanScope::kNarrowed),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(PlanFor(sample, {2}, PlanScope::kWhole), IsOk());
}

}  // namespace
}  // namespace depcache
