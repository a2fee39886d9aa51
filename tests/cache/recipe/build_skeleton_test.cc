#include "cache/recipe/build_skeleton.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/skeleton_json.h"
#include "tests/cache/recipe/workspaces.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::ExpectMatchesGolden;
using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::Locked;
using ::depcache::testing::LockText;
using ::depcache::testing::LonePackage;
using ::depcache::testing::PackageAt;
using ::depcache::testing::Replace;
using ::depcache::testing::SmallWorkspace;
using ::depcache::testing::StatusIs;
using ::depcache::testing::Target;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Skeleton Built(const WorkspaceText& workspace, const Narrowing& narrowing = {}) {
  absl::StatusOr<Skeleton> skeleton = BuildSkeleton(workspace, narrowing);
  EXPECT_THAT(skeleton, IsOk());
  return skeleton.ok() ? *std::move(skeleton) : Skeleton();
}

std::string ContentsOf(const Skeleton& skeleton, std::string_view path) {
  const SkeletonManifest* manifest = FindManifest(skeleton, path);
  return manifest == nullptr ? "(absent)" : manifest->contents;
}

std::vector<std::string> PathsOf(const Skeleton& skeleton) {
  std::vector<std::string> paths;
  for (const SkeletonManifest& manifest : skeleton.manifests) paths.push_back(manifest.path);
  return paths;
}

TEST(BuildSkeletonTest, AWorkspaceIsMaskedWhole) {
  ExpectMatchesGolden("recipe/small_workspace.json", SkeletonToJson(Built(SmallWorkspace())));
}

TEST(BuildSkeletonTest, APackageAloneIsAWorkspaceToo) {
  const Skeleton skeleton = Built(LonePackage({Target("bin", "lone", "src/main.rs")}));
  EXPECT_THAT(PathsOf(skeleton), ElementsAre("Cargo.toml"));
  EXPECT_EQ(skeleton.manifests[0].contents,
            "[package]\nedition = \"2021\"\nname = \"lone\"\nversion = \"0.0.1\"\n\n[workspace]\n");
  EXPECT_EQ(skeleton.lock, LockText({Locked("lone", "0.0.1", {}, "")}));
}

TEST(BuildSkeletonTest, EveryKindOfTargetIsRecognised) {
  TargetText cdylib = Target("lib", "lone", "src/lib.rs");
  cdylib.kinds = {"cdylib", "rlib"};
  cdylib.crate_types = {"rlib", "cdylib"};
  TargetText example = Target("example", "plugin", "examples/plugin.rs");
  example.crate_types = {"cdylib"};
  const Skeleton skeleton = Built(LonePackage(
      {Target("bench", "speed", "benches/speed.rs"), Target("bench", "own", "benches/own.rs"),
       Target("test", "t", "tests/t.rs"), Target("test", "t2", "tests/t2/main.rs"),
       Target("custom-build", "build-script-build", "build.rs"), Target("bin", "b", "src/bin/b.rs"),
       Target("bin", "a", "src/bin/a.rs"), example, Target("example", "show", "examples/show.rs"),
       cdylib},
      "[[bench]]\nname = \"own\"\nharness = false\n[[test]]\nname = \"t2\"\npath = "
      "\"tests/t2/main.rs\"\nharness = false\n"));
  const auto target = [](TargetKind kind, std::string name, std::string path,
                         std::vector<std::string> crate_types = {}, bool has_harness = true) {
    return SkeletonTarget{kind, name, path, crate_types, has_harness, {}};
  };
  EXPECT_THAT(skeleton.manifests[0].targets,
              ElementsAre(target(TargetKind::kLib, "lone", "src/lib.rs", {"cdylib", "rlib"}),
                          target(TargetKind::kBin, "a", "src/bin/a.rs"),
                          target(TargetKind::kBin, "b", "src/bin/b.rs"),
                          target(TargetKind::kExample, "plugin", "examples/plugin.rs", {"cdylib"}),
                          target(TargetKind::kExample, "show", "examples/show.rs"),
                          target(TargetKind::kTest, "t", "tests/t.rs"),
                          target(TargetKind::kTest, "t2", "tests/t2/main.rs", {}, false),
                          target(TargetKind::kBench, "own", "benches/own.rs", {}, false),
                          target(TargetKind::kBench, "speed", "benches/speed.rs"),
                          target(TargetKind::kBuildScript, "build-script-build", "build.rs")));
}

TEST(BuildSkeletonTest, AMemberNarrowsToWhatItDependsOn) {
  const Skeleton skeleton = Built(SmallWorkspace(), {{"core"}, {}});
  ExpectMatchesGolden("recipe/small_workspace_core.json", SkeletonToJson(skeleton));
  EXPECT_THAT(PathsOf(skeleton),
              ElementsAre("Cargo.toml", "crates/core/Cargo.toml", "crates/macros/Cargo.toml"));
  EXPECT_EQ(skeleton.lock,
            LockText({Locked("core", "0.0.1", {"macros", "serde"}, ""),
                      Locked("macros", "0.0.1", {"syn"}, ""),
                      Locked("serde", "1.0.228", {"serde_derive"}),
                      Locked("serde_derive", "1.0.228", {"syn"}), Locked("syn", "2.0.50")}));
}

TEST(BuildSkeletonTest, ABinaryNarrowsToThePackageThatHasIt) {
  EXPECT_EQ(Built(SmallWorkspace(), {{}, {"tool-cli"}}), Built(SmallWorkspace(), {{"tool"}, {}}));
  const Skeleton both = Built(SmallWorkspace(), {{"core"}, {"tool-cli"}});
  EXPECT_THAT(PathsOf(both), ElementsAre("Cargo.toml", "crates/core/Cargo.toml",
                                         "crates/macros/Cargo.toml", "crates/tool/Cargo.toml"));
}

TEST(NarrowWorkspaceTest, OnlyMembersThatAreNeededStayAndNothingIsMasked) {
  const absl::StatusOr<NarrowedFiles> files = NarrowWorkspace(SmallWorkspace(), {{"core"}, {}});
  ASSERT_THAT(files, IsOk());
  EXPECT_THAT(files->root_manifest, HasSubstr("members = [\"crates/core\", \"crates/macros\"]"));
  EXPECT_THAT(files->root_manifest, HasSubstr("version = \"3.1.4\""));
  EXPECT_THAT(files->root_manifest, HasSubstr("authors = [\"Ann\"]"));
  EXPECT_THAT(files->root_manifest, Not(HasSubstr("unused")));
  EXPECT_THAT(files->lock, HasSubstr("name = \"core\"\nversion = \"3.1.4\""));
  EXPECT_THAT(files->lock, HasSubstr("name = \"serde_derive\""));
  EXPECT_THAT(files->lock, Not(HasSubstr("name = \"app\"")));
}

TEST(NarrowWorkspaceTest, ANameThatNothingHasIsAnError) {
  EXPECT_THAT(NarrowWorkspace(SmallWorkspace(), {{"cor"}, {}}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(BuildSkeletonTest, AnUnrelatedMemberDoesNotChangeANarrowedSkeleton) {
  WorkspaceText changed = SmallWorkspace();
  Replace(PackageAt(changed, "crates/tool/Cargo.toml").text, "regex = \"1\"",
          "regex = \"1\"\nnom = \"7\"");
  *changed.lock += Locked("nom", "7.0.0");
  Replace(*changed.lock, "\"regex\",", "\"regex\",\n \"nom\",");
  EXPECT_EQ(Built(changed, {{"app"}, {}}), Built(SmallWorkspace(), {{"app"}, {}}));
  EXPECT_NE(Built(changed, {{"tool"}, {}}), Built(SmallWorkspace(), {{"tool"}, {}}));
  // A dependency that the binary reaches through another member does change it.
  WorkspaceText reached = SmallWorkspace();
  Replace(PackageAt(reached, "crates/macros/Cargo.toml").text, "syn = \"2\"",
          "syn = { version = \"2\", features = [\"full\"] }");
  EXPECT_NE(Built(reached, {{"app"}, {}}), Built(SmallWorkspace(), {{"app"}, {}}));
}

TEST(BuildSkeletonTest, ARenamedLocalPackageIsFollowed) {
  WorkspaceText workspace = SmallWorkspace();
  Replace(PackageAt(workspace, "crates/core/Cargo.toml").text, "macros = { path = \"../macros\"",
          "derive = { package = \"macros\", path = \"../macros\"");
  const Skeleton skeleton = Built(workspace, {{"core"}, {}});
  EXPECT_THAT(PathsOf(skeleton), ::testing::Contains("crates/macros/Cargo.toml"));
  EXPECT_THAT(ContentsOf(skeleton, "crates/core/Cargo.toml"),
              HasSubstr("derive = { package = \"macros\", path = \"../macros\" }"));
}

TEST(BuildSkeletonTest, VersionsOfMembersDoNotShow) {
  WorkspaceText released = SmallWorkspace();
  Replace(PackageAt(released, "Cargo.toml").text, "version = \"3.1.4\"", "version = \"4.0.0\"");
  Replace(PackageAt(released, "Cargo.toml").text, "version = \"3.1\"", "version = \"4\"");
  Replace(PackageAt(released, "crates/macros/Cargo.toml").text, "\"3.1.4\"", "\"4.0.0\"");
  Replace(PackageAt(released, "crates/core/Cargo.toml").text, "\"=3.1.4\"", "\"=4.0.0\"");
  Replace(*released.lock, "name = \"app\"\nversion = \"3.1.4\"",
          "name = \"app\"\nversion = \"4.0.0\"");
  Replace(*released.lock, "name = \"core\"\nversion = \"3.1.4\"",
          "name = \"core\"\nversion = \"4.0.0\"");
  Replace(*released.lock, "name = \"macros\"\nversion = \"3.1.4\"",
          "name = \"macros\"\nversion = \"4.0.0\"");
  EXPECT_EQ(Built(released), Built(SmallWorkspace()));
}

TEST(BuildSkeletonTest, ARegistryPackageWithTheNameOfAMemberKeepsItsVersion) {
  WorkspaceText workspace = LonePackage({Target("lib", "lone", "src/lib.rs")},
                                        "[dependencies]\neither = { path = \"either\", version = "
                                        "\"5\" }\nitertools = \"0.12\"\n[workspace]\n");
  workspace.packages.push_back({"either/Cargo.toml",
                                "[package]\nname = \"either\"\nversion = \"5.5.5\"\n",
                                true,
                                {Target("lib", "either", "either/src/lib.rs")}});
  workspace.lock = LockText({Locked("either", "1.9.0"), Locked("either", "5.5.5", {}, ""),
                             Locked("itertools", "0.12.0", {"either 1.9.0"}),
                             Locked("lone", "1.0.0", {"either 5.5.5", "itertools"}, "")});
  EXPECT_EQ(Built(workspace).lock,
            LockText({Locked("either", "0.0.1", {}, ""), Locked("either", "1.9.0"),
                      Locked("itertools", "0.12.0", {"either 1.9.0"}),
                      Locked("lone", "0.0.1", {"either 0.0.1", "itertools"}, "")}));
}

TEST(BuildSkeletonTest, APatchedPackageKeepsItsVersion) {
  WorkspaceText workspace = LonePackage(
      {Target("lib", "lone", "src/lib.rs")},
      "[dependencies]\nitoa = \"1\"\n[patch.crates-io]\nitoa = { path = \"vendor/itoa\" }\n");
  workspace.packages.push_back(
      {"vendor/itoa/Cargo.toml",
       "[package]\nname = \"itoa\"\nversion = \"1.0.99\"\nbuild = \"b.rs\"\n",
       false,
       {}});
  workspace.lock =
      LockText({Locked("itoa", "1.0.99", {}, ""), Locked("lone", "1.0.0", {"itoa"}, "")});
  const Skeleton skeleton = Built(workspace);
  EXPECT_THAT(ContentsOf(skeleton, "vendor/itoa/Cargo.toml"), HasSubstr("version = \"1.0.99\""));
  EXPECT_THAT(skeleton.lock, HasSubstr("name = \"itoa\"\nversion = \"1.0.99\""));
  EXPECT_THAT(skeleton.lock, HasSubstr("name = \"lone\"\nversion = \"0.0.1\""));
  EXPECT_THAT(ContentsOf(skeleton, "Cargo.toml"), HasSubstr("exclude = [\"vendor/itoa\"]"));
  // cargo metadata does not list it: its library and build script are assumed.
  std::vector<std::string> sources;
  for (const SkeletonTarget& target : skeleton.manifests[1].targets) sources.push_back(target.path);
  EXPECT_THAT(sources, ElementsAre("vendor/itoa/src/lib.rs", "vendor/itoa/b.rs"));
}

TEST(BuildSkeletonTest, PackagesOfOneNameKeepTheirVersions) {
  WorkspaceText workspace = LonePackage({Target("lib", "lone", "src/lib.rs")},
                                        "[dependencies]\nx1 = { path = \"x1\", package = \"x\" "
                                        "}\nx2 = { path = \"x2\", package = \"x\" }\n");
  for (const std::string n : {"1", "2"}) {
    workspace.packages.push_back({"x" + n + "/Cargo.toml",
                                  "[package]\nname = \"x\"\nversion = \"" + n + ".0.0\"\n",
                                  false,
                                  {}});
  }
  workspace.lock = LockText({Locked("lone", "1.0.0", {"x 1.0.0", "x 2.0.0"}, ""),
                             Locked("x", "1.0.0", {}, ""), Locked("x", "2.0.0", {}, "")});
  const Skeleton skeleton = Built(workspace);
  EXPECT_THAT(skeleton.lock, HasSubstr("name = \"x\"\nversion = \"2.0.0\""));
  EXPECT_THAT(ContentsOf(skeleton, "x1/Cargo.toml"), HasSubstr("version = \"1.0.0\""));
}

TEST(BuildSkeletonTest, PackagesThatNobodyDependsOnStayOut) {
  WorkspaceText workspace = SmallWorkspace();
  workspace.packages.push_back(
      {"old/Cargo.toml",
       "[package]\nname = \"old\"\n[dependencies]\nx.path = \"../../out\"\n",
       false,
       {}});
  EXPECT_EQ(Built(workspace), Built(SmallWorkspace()));
}

TEST(BuildSkeletonTest, ConfigurationAndToolchainTravel) {
  WorkspaceText workspace = SmallWorkspace();
  workspace.configs = {
      "[build]\nrustflags = ['-a']\njobs = 2\n",
      "[build]\nrustflags = ['-b']\n[net]\noffline = true\n[env]\nA_TOKEN = 'hunter2'\n"};
  workspace.toolchain = ToolchainFile{"rust-toolchain", "1.95.0\n", {}};
  const Skeleton skeleton = Built(workspace);
  EXPECT_THAT(skeleton.config, HasSubstr("[build]\nrustflags = [\"-a\", \"-b\"]\n"));
  EXPECT_THAT(skeleton.config, Not(HasSubstr("offline")));
  EXPECT_THAT(SkeletonToJson(skeleton), Not(HasSubstr("hunter2")));
  EXPECT_EQ(skeleton.toolchain, workspace.toolchain);
}

TEST(BuildSkeletonTest, MissingManifestsAreAskedForStepByStep) {
  WorkspaceText workspace = LonePackage({Target("bin", "lone", "src/main.rs")},
                                        "[dependencies]\na.path = \"libs/a\"\nitoa = \"1\"\n"
                                        "[patch.crates-io]\nitoa.path = \"vendor/itoa\"\n");
  workspace.lock =
      LockText({Locked("a", "1.0.0", {"b"}, ""), Locked("b", "1.0.0", {}, ""),
                Locked("itoa", "1.0.0", {}, ""), Locked("lone", "1.0.0", {"a", "itoa"}, "")});
  EXPECT_THAT(MissingManifests(workspace), IsOkAndHolds(ElementsAre("libs/a/Cargo.toml")));
  const absl::Status status = BuildSkeleton(workspace).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(status.ToString(), HasSubstr("`libs/a`"));
  workspace.packages.push_back({"libs/a/Cargo.toml",
                                "[package]\nname = \"a\"\n[dependencies]\nb.path = \"../b\"\n",
                                false,
                                {}});
  EXPECT_THAT(MissingManifests(workspace), IsOkAndHolds(ElementsAre("libs/b/Cargo.toml")));
  workspace.packages.push_back({"libs/b/Cargo.toml", "[package]\nname = \"b\"\n", false, {}});
  EXPECT_THAT(MissingManifests(workspace), IsOkAndHolds(ElementsAre("vendor/itoa/Cargo.toml")));
  workspace.packages.push_back(
      {"vendor/itoa/Cargo.toml", "[package]\nname = \"itoa\"\n", false, {}});
  EXPECT_THAT(MissingManifests(workspace), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(BuildSkeleton(workspace), IsOk());
}

TEST(BuildSkeletonTest, WhatIsWrongIsNamed) {
  struct Case {
    absl::StatusCode code;
    std::string_view message;
    std::function<void(WorkspaceText&)> spoil;
    Narrowing narrowing = {};
  };
  const auto kPrecondition = absl::StatusCode::kFailedPrecondition;
  const auto kArgument = absl::StatusCode::kInvalidArgument;
  const auto edit = [](std::string_view path, std::string_view from, std::string_view to) {
    return [=](WorkspaceText& workspace) { Replace(PackageAt(workspace, path).text, from, to); };
  };
  const Case cases[] = {
      {kPrecondition, "cargo generate-lockfile", [](WorkspaceText& w) { w.lock.reset(); }},
      {kPrecondition, "cargo generate-lockfile",
       [](WorkspaceText& w) { Replace(*w.lock, "version = 4\n", ""); }},
      {kArgument, "Cargo.lock: ", [](WorkspaceText& w) { *w.lock += "["; }},
      {kArgument, "crates/core/Cargo.toml: line",
       edit("crates/core/Cargo.toml", "[dependencies]", "[dependencies")},
      {kPrecondition, "crates/core/Cargo.toml: dependencies.macros has path `../../../macros`",
       edit("crates/core/Cargo.toml", "../macros", "../../../macros")},
      {kPrecondition,
       "Cargo.lock does not know package `renamed`",
       edit("crates/tool/Cargo.toml", "name = \"tool\"", "name = \"renamed\""),
       {{"renamed"}, {}}},
      {absl::StatusCode::kNotFound, "nearest are: core", [](WorkspaceText&) {}, {{"cor"}, {}}},
      {absl::StatusCode::kNotFound,
       "nearest are: tool-cli",
       [](WorkspaceText&) {},
       {{}, {"toolcli"}}},
      {kPrecondition, "outside the workspace root",
       [](WorkspaceText& w) {
         PackageAt(w, "crates/app/Cargo.toml").targets[0].path = "../elsewhere/main.rs";
       }},
      {kArgument, ".cargo/config.toml", [](WorkspaceText& w) { w.configs = {"["}; }},
      {kArgument, "`../x/Cargo.toml`",
       [](WorkspaceText& w) { w.packages[1].manifest_path = "../x/Cargo.toml"; }},
      {kArgument, "root's Cargo.toml is missing",
       [](WorkspaceText& w) { w.packages.erase(w.packages.begin()); }},
      {kArgument, "toolchain.contents",
       [](WorkspaceText& w) {
         w.toolchain = ToolchainFile{"rust-toolchain", "\xFF", {}};
       }},
  };
  for (const Case& test : cases) {
    WorkspaceText workspace = SmallWorkspace();
    test.spoil(workspace);
    const absl::Status status = BuildSkeleton(workspace, test.narrowing).status();
    EXPECT_THAT(status, StatusIs(test.code)) << test.message;
    EXPECT_THAT(status.ToString(), HasSubstr(test.message));
  }
}

TEST(BuildSkeletonTest, OutsidePathsOfUnselectedMembersDoNotDisturb) {
  WorkspaceText workspace = SmallWorkspace();
  PackageAt(workspace, "crates/tool/Cargo.toml").text += "\nfar = { path = \"../../../far\" }\n";
  EXPECT_THAT(BuildSkeleton(workspace), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(BuildSkeleton(workspace, {{"core"}, {}}), IsOk());
}

}  // namespace
}  // namespace depcache
