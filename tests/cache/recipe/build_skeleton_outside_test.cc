// Packages and sources outside the root of the workspace (outside_packages.h).

#include <string>

#include <gmock/gmock.h>

#include "cache/recipe/build_skeleton.h"
#include "tests/cache/recipe/workspaces.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::Locked;
using ::depcache::testing::LockText;
using ::depcache::testing::LonePackage;
using ::depcache::testing::Replace;
using ::depcache::testing::Target;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Skeleton Built(const WorkspaceText& workspace) {
  absl::StatusOr<Skeleton> skeleton = BuildSkeleton(workspace);
  EXPECT_THAT(skeleton, IsOk());
  return skeleton.ok() ? *std::move(skeleton) : Skeleton();
}

// A path dependency beside the checkout, which inherits from a workspace of its own.
WorkspaceText WithPackageOutside() {
  WorkspaceText workspace = LonePackage({Target("bin", "lone", "src/main.rs")},
                                        "[dependencies]\nfar.path = \"../libs/far\"\n");
  workspace.lock = LockText({Locked("far", "1.0.0", {"itoa"}, ""), Locked("itoa", "1.0.0"),
                             Locked("lone", "1.0.0", {"far"}, "")});
  workspace.root = "/home/ann/work";
  PackageText far;
  far.manifest_path = "../libs/far/Cargo.toml";
  far.text = "[package]\nname = \"far\"\nversion = \"7.0.0\"\n[dependencies]\nitoa.workspace = true\n";
  far.is_member = false;
  far.workspace_path = "../libs/Cargo.toml";
  far.workspace_text = "[workspace.dependencies]\nitoa = { version = \"1\", features = [\"f\"] }\n";
  workspace.packages.push_back(far);
  return workspace;
}

TEST(OutsideTest, APackageOutsideStandsBelowTheRootAndIsWhole) {
  WorkspaceText workspace = WithPackageOutside();
  const Skeleton skeleton = Built(workspace);
  ASSERT_EQ(skeleton.manifests.size(), 2U);
  EXPECT_EQ(skeleton.manifests[0].path, ".outside/1/libs/far/Cargo.toml");
  const std::string& far = skeleton.manifests[0].contents;
  EXPECT_THAT(far, HasSubstr("itoa = { features = [\"f\"], version = \"1\" }"));
  EXPECT_THAT(far, HasSubstr("version = \"0.0.1\""));
  EXPECT_THAT(skeleton.manifests[0].targets,
              ElementsAre(SkeletonTarget{TargetKind::kLib, "far", ".outside/1/libs/far/src/lib.rs",
                                         {}, true, {}}));
  EXPECT_THAT(skeleton.manifests[1].contents, HasSubstr("path = \".outside/1/libs/far\""));
  EXPECT_THAT(skeleton.manifests[1].contents, HasSubstr("exclude = [\".outside/1/libs/far\"]"));
  // Where the checkout is does not count.
  workspace.root = "/srv";
  EXPECT_EQ(Built(workspace), skeleton);
}

// What metadata says of members must be found for others.
TEST(OutsideTest, APackageThatIsNoMemberHasTheBuildScriptThatCargoFinds) {
  const auto script_of = [](const std::string& build, bool has_build_rs) {
    WorkspaceText workspace = WithPackageOutside();
    PackageText& far = workspace.packages.back();
    Replace(far.text, "version = \"7.0.0\"\n", "version = \"7.0.0\"\n" + build);
    far.has_build_rs = has_build_rs;
    const Skeleton skeleton = Built(workspace);
    const auto& targets = skeleton.manifests[0].targets;
    return targets.size() == 2 ? targets[1].path : std::string();
  };
  EXPECT_EQ(script_of("", false), "");
  EXPECT_EQ(script_of("", true), ".outside/1/libs/far/build.rs");
  EXPECT_EQ(script_of("build = true\n", true), ".outside/1/libs/far/build.rs");
  EXPECT_EQ(script_of("build = false\n", true), "");
  EXPECT_EQ(script_of("build = \"make.rs\"\n", true), ".outside/1/libs/far/make.rs");
}

TEST(OutsideTest, AMemberOutsideIsAMember) {
  WorkspaceText workspace = WithPackageOutside();
  PackageText& far = workspace.packages.back();
  far.is_member = true;
  far.text = "[package]\nname = \"far\"\nversion = \"7.0.0\"\n[dependencies]\nitoa = \"1\"\n";
  far.targets = {Target("lib", "far", "../libs/far/src/far.rs")};
  const Skeleton skeleton = Built(workspace);
  EXPECT_THAT(skeleton.manifests[0].targets[0].path, ".outside/1/libs/far/src/far.rs");
  EXPECT_THAT(skeleton.manifests[1].contents, HasSubstr("members = [\".outside/1/libs/far\"]"));
}

TEST(OutsideTest, SourcesOfTargetsMayLieOutside) {
  WorkspaceText workspace = LonePackage({Target("bin", "lone", "../sources/main.rs")},
                                        "[[bin]]\nname = \"lone\"\npath = \"../sources/main.rs\"\n");
  EXPECT_THAT(BuildSkeleton(workspace).status().ToString(),
              HasSubstr("`../sources/main.rs`, which is outside the workspace root"));
  workspace.root = "/home/ann/work";
  const Skeleton skeleton = Built(workspace);
  EXPECT_EQ(skeleton.manifests[0].targets[0].path, ".outside/1/sources/main.rs");
  EXPECT_THAT(skeleton.manifests[0].contents, HasSubstr("path = \".outside/1/sources/main.rs\""));
}

TEST(OutsideTest, ManifestsOutsideAreAskedForByTheirRealPaths) {
  WorkspaceText workspace = WithPackageOutside();
  workspace.packages.pop_back();
  EXPECT_THAT(MissingManifests(workspace), IsOkAndHolds(ElementsAre("../libs/far/Cargo.toml")));
  EXPECT_THAT(BuildSkeleton(workspace).status().ToString(), HasSubstr("its path at `../libs/far`"));
}

// Its files are written over the checkout's own.
TEST(OutsideTest, APackageOutsideIsRefused) {
  EXPECT_THAT(NarrowWorkspace(WithPackageOutside(), {{"lone"}, {}}).status().ToString(),
              HasSubstr("has path `../libs/far`, which is outside the workspace root"));
}

}  // namespace
}  // namespace depcache
