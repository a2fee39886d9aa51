#include "cache/recipe/package_view.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/recipe/workspaces.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::ExpectMatchesGolden;
using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Sample {
  Skeleton skeleton;
  LocalPackages packages;
};

// A root package and one member below it; `member` and its targets as given.
Sample Make(std::string_view member, std::vector<SkeletonTarget> targets) {
  Sample sample;
  sample.skeleton.manifests.push_back(
      {"Cargo.toml",
       "[package]\nname = 'root'\nversion = '0.0.1'\nedition = '2021'\n[dependencies]\n"
       "member.path = 'm'\n[workspace]\nmembers = ['m']\n[workspace.dependencies]\n"
       "serde = { version = '1', features = ['derive'] }\nmember = { path = 'm' }\n"
       "[profile.dev]\ndebug = 1\n",
       {{TargetKind::kBin, "root", "src/main.rs", {}, true, {}}},
       {}});
  sample.skeleton.manifests.push_back({"m/Cargo.toml", std::string(member), targets, {}});
  std::vector<LocalPackage> packages;
  for (const SkeletonManifest& manifest : sample.skeleton.manifests) {
    LocalPackage package;
    package.folder = manifest.path == "Cargo.toml" ? "" : "m";
    package.manifest = *ParseManifest(manifest.contents);
    package.name = PackageName(package.manifest);
    package.is_member = true;
    packages.push_back(std::move(package));
  }
  sample.packages = *LocalPackages::Make(std::move(packages));
  return sample;
}

std::vector<std::string> Lines(const Sample& sample, const CookSelection& selection = {}) {
  const auto lines = PackageLines(sample.packages, {0, 1}, sample.skeleton, selection);
  EXPECT_THAT(lines, IsOk());
  return *lines;
}

constexpr std::string_view kMember = R"(
cargo-features = ["edition2030"]
[package]
name = "member"
version = "0.0.1"
edition = "2021"
rust-version = "1.80"
links = "z"
build = "build.rs"
autobins = false
forced-target = "wasm32-unknown-unknown"
[lib]
path = "src/it.rs"
name = "it"
crate-type = ["cdylib"]
bench = false
doctest = false
[[bin]]
name = "one"
path = "src/one.rs"
required-features = ["f"]
[features]
f = ["serde/rc"]
[dependencies]
serde = { workspace = true, features = ["rc"] }
plain = "1"
git = { git = "https://example.com/g", rev = "77" }
[dev-dependencies]
member = { workspace = true }
[target.'cfg(unix)'.build-dependencies]
root = { path = ".." , features = ["b"] }
[profile.dev]
debug = 2
[future]
key = 1
)";

std::vector<SkeletonTarget> Targets() {
  return {{TargetKind::kLib, "it", "m/src/it.rs", {"cdylib"}, true, {}},
          {TargetKind::kBin, "one", "m/src/one.rs", {}, true, {}},
          {TargetKind::kBin, "two", "m/src/bin/two.rs", {}, true, {}},
          {TargetKind::kBin, "three", "m/src/bin/three.rs", {}, true, {}},
          {TargetKind::kTest, "t", "m/tests/t.rs", {}, false, {}},
          {TargetKind::kBuildScript, "build-script-build", "m/build.rs", {}, true, {}}};
}

TEST(PackageViewTest, OnlyWhatChangesDependenciesIsInTheLines) {
  EXPECT_THAT(
      Lines(Make(kMember, Targets())),
      ElementsAre(
          "member: cargo-features = [\"edition2030\"]",
          "member: dependencies.git = { git = \"https://example.com/g\", rev = \"77\" }",
          "member: dependencies.plain = { version = \"1\" }",
          "member: dependencies.serde = { features = [\"rc\"], inherits = { features = "
          "[\"derive\"], version = \"1\" } }",
          "member: dev-dependencies.member = { inherits = { local = \"member\" } }",
          "member: features.f = [\"serde/rc\"]", "member: future.key = 1",
          "member: package.forced-target = \"wasm32-unknown-unknown\"",
          "member: target.\"cfg(unix)\".build-dependencies.root = { features = [\"b\"], local = "
          "\"root\" }",
          "member: targets = bin; bin { required-features = [\"f\"] }; build-script; lib as cdylib "
          "{ bench = false }",
          "root: dependencies.member = { local = \"member\" }", "root: targets = bin"));
}

TEST(PackageViewTest, DevDependenciesOfWhatIsNoMemberDoNotCount) {
  const std::string_view text =
      "[package]\nname = 'member'\n[dev-dependencies]\nx.path = '../../nowhere'\n";
  Sample sample = Make(text, {});
  EXPECT_THAT(PackageLines(sample.packages, {1}, sample.skeleton, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  std::vector<LocalPackage> packages = {sample.packages[0], sample.packages[1]};
  packages[1].is_member = false;
  sample.packages = *LocalPackages::Make(packages);
  EXPECT_THAT(PackageLines(sample.packages, {1}, sample.skeleton, {}), IsOk());
}

TEST(PackageViewTest, TestsShowOnlyIfTheyAreBuilt) {
  CookSelection selection;
  selection.tests = true;
  EXPECT_THAT(Lines(Make(kMember, Targets()), selection),
              Contains("member: targets = bin; bin { required-features = [\"f\"] }; build-script; "
                       "lib as cdylib { bench = false }; test"));
}

TEST(PackageViewTest, ATargetThatIsSelectedByNameShowsItsName) {
  CookSelection selection;
  selection.bin_names = {"two", "root"};
  const std::vector<std::string> lines = Lines(Make(kMember, Targets()), selection);
  EXPECT_THAT(lines, Contains("root: targets = bin `root`"));
  EXPECT_THAT(lines, Contains(HasSubstr("bin; bin `two`; bin {")));
}

TEST(PackageViewTest, PackagesThatAreNotKeptHaveNoLines) {
  const Sample sample = Make(kMember, Targets());
  const auto lines = PackageLines(sample.packages, {0}, sample.skeleton, {});
  ASSERT_THAT(lines, IsOk());
  EXPECT_THAT(*lines, ElementsAre("root: dependencies.member = { local = \"member\" }",
                                  "root: targets = bin"));
}

TEST(PackageViewTest, ArtifactDependenciesAreRefusedByName) {
  for (const std::string_view entry :
       {"tool = { version = '1', artifact = 'bin' }", "tool.workspace = true"}) {
    Sample sample =
        Make("[package]\nname = 'member'\n[dependencies]\n" + std::string(entry) + "\n", {});
    sample.packages.EditRoot([](TomlTable& root) {
      (*FindTable(FindTable(&root, "workspace"), "dependencies"))["tool"] = {
          TomlTable{{"artifact", TomlString("bin")}}};
    });
    const absl::Status status = PackageLines(sample.packages, {1}, sample.skeleton, {}).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(status.ToString(), HasSubstr("m/Cargo.toml: dependencies.tool"));
  }
}

TEST(PackageViewTest, OfTheRootOnlyWhatHasNoPartOfItsOwn) {
  const auto root = ParseManifest(R"(
cargo-features = ["a"]
[package]
name = "root"
[features]
f = []
[workspace]
members = ["m"]
exclude = ["x"]
default-members = ["m"]
resolver = "2"
future = true
[workspace.package]
edition = "2021"
[workspace.dependencies]
serde = "1"
[profile.dev]
debug = 1
[patch.crates-io]
a = { path = "a" }
)");
  ASSERT_THAT(root, IsOk());
  EXPECT_THAT(WorkspaceLines(*root),
              ElementsAre("cargo-features = [\"a\"]", "workspace.future = true"));
}

TEST(PackageViewTest, PatchesNameLocalPackages) {
  const Sample sample = Make(kMember, {});
  const auto table = ParseManifest(
      "[patch.crates-io]\na = { path = 'm' }\nb = { git = 'https://example.com/b' }\n"
      "[patch.'https://example.com/r']\nc = { path = 'unknown' }\n[replace]\n'd:1.0.0' = { path = "
      "'m' }\n");
  ASSERT_THAT(table, IsOk());
  const auto lines = PatchLines(sample.packages, *table);
  ASSERT_THAT(lines, IsOk());
  EXPECT_THAT(*lines, ElementsAre("patch.crates-io.a = { local = \"member\" }",
                                  "patch.crates-io.b = { git = \"https://example.com/b\" }",
                                  "patch.\"https://example.com/r\".c = { local = \"unknown\" }",
                                  "replace.\"d:1.0.0\" = { local = \"member\" }"));
}

}  // namespace
}  // namespace depcache
