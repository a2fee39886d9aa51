#include "cache/recipe/skeleton.h"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;

Skeleton Valid() {
  Skeleton skeleton;
  skeleton.manifests.push_back({"Cargo.toml", "[workspace]\n", {}, {}});
  skeleton.manifests.push_back({"crates/a/Cargo.toml",
                                "[package]\nname = \"a\"\n",
                                {{TargetKind::kLib, "a", "crates/a/src/lib.rs", {}, true, {}}},
                                {}});
  skeleton.lock = "version = 4\n";
  skeleton.toolchain = ToolchainFile{"rust-toolchain", "stable\n", {}};
  return skeleton;
}

TEST(SkeletonTest, AWorkspaceIsValid) { EXPECT_THAT(ValidateSkeleton(Valid()), IsOk()); }

struct Fault {
  std::string_view message;
  std::function<void(Skeleton&)> make;
};

TEST(SkeletonTest, EachFaultIsNamedByItsField) {
  const auto manifest_path = [](std::string path) {
    return [path](Skeleton& skeleton) { skeleton.manifests[1].path = path; };
  };
  const auto stub_path = [](std::string path) {
    return [path](Skeleton& skeleton) { skeleton.manifests[1].targets[0].path = path; };
  };
  const Fault faults[] = {
      {"manifests[1].path", manifest_path("../a/Cargo.toml")},
      {"manifests[1].path", manifest_path("/a/Cargo.toml")},
      {"manifests[1].path", manifest_path("a//Cargo.toml")},
      {"manifests[1].path", manifest_path("a/./Cargo.toml")},
      {"manifests[1].path", manifest_path("a\\Cargo.toml")},
      {"manifests[1].path", manifest_path(std::string("a\0/Cargo.toml", 13))},
      {"manifests[1].path", manifest_path("a/cargo.toml")},
      {"manifests[1].path", manifest_path("a/xCargo.toml")},
      {"manifests[1].path", manifest_path("")},
      {"`Cargo.toml` stands twice", manifest_path("Cargo.toml")},
      {"root's Cargo.toml is missing",
       [](Skeleton& skeleton) { skeleton.manifests.erase(skeleton.manifests.begin()); }},
      {"manifests[1].contents is not UTF-8",
       [](Skeleton& skeleton) { skeleton.manifests[1].contents = "\xFF"; }},
      {"manifests[1].targets[0].path", stub_path("../lib.rs")},
      {"manifests[1].targets[0].path", stub_path("/etc/lib.rs")},
      {"manifests[1].targets[0].path", stub_path("Cargo.lock")},
      {"manifests[1].targets[0].path", stub_path("crates/a/Cargo.toml")},
      {"manifests[1].targets[0].path", stub_path("a/rust-toolchain")},
      {"manifests[1].targets[0].path", stub_path(".cargo/config")},
      {"manifests[1].targets[0].path", stub_path("a/.git/hooks/post-checkout")},
      {"lies below `.cargo/config.toml`", stub_path(".cargo/config.toml/x.rs")},
      {"lies below `Cargo.lock`", stub_path("Cargo.lock/x.rs")},
      {"lies below `crates/a/Cargo.toml`", stub_path("crates/a/Cargo.toml/x.rs")},
      {"manifests[1].targets[0].name",
       [](Skeleton& skeleton) { skeleton.manifests[1].targets[0].name = ""; }},
      {"config", [](Skeleton& skeleton) { skeleton.config = "[build]\nrustc-wrapper = \"x\"\n"; }},
      {"config", [](Skeleton& skeleton) { skeleton.config = "[net]\noffline = true\n"; }},
      {"config: line 1", [](Skeleton& skeleton) { skeleton.config = "[build"; }},
      {"lock is not UTF-8", [](Skeleton& skeleton) { skeleton.lock = "\xC0"; }},
      {"toolchain.name", [](Skeleton& skeleton) { skeleton.toolchain->name = "../x"; }},
      {"toolchain.contents", [](Skeleton& skeleton) { skeleton.toolchain->contents = "\x80"; }},
  };
  for (const Fault& fault : faults) {
    Skeleton skeleton = Valid();
    fault.make(skeleton);
    const absl::Status status = ValidateSkeleton(skeleton);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument)) << fault.message;
    EXPECT_THAT(status.ToString(), HasSubstr(fault.message));
  }
}

TEST(SkeletonTest, AFileCannotBeAFolderOfAnother) {
  Skeleton skeleton = Valid();
  skeleton.manifests[1].targets.push_back(
      {TargetKind::kBin, "x", "crates/a/src/lib.rs/main.rs", {}, true, {}});
  EXPECT_THAT(ValidateSkeleton(skeleton), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SkeletonTest, SourcesMayHaveAnyExtensionAndBeShared) {
  Skeleton skeleton = Valid();
  skeleton.manifests[1].targets.push_back(
      {TargetKind::kBin, "x", "crates/a/src/main.in", {}, true, {}});
  skeleton.manifests[1].targets.push_back(
      {TargetKind::kBin, "y", "crates/a/src/lib.rs", {}, true, {}});
  EXPECT_THAT(ValidateSkeleton(skeleton), IsOk());
}

TEST(SkeletonTest, NumbersAreLimited) {
  Skeleton skeleton = Valid();
  const SkeletonTarget target = skeleton.manifests[1].targets[0];
  skeleton.manifests[1].targets.assign(kMaxSkeletonTargets + 1, target);
  EXPECT_THAT(ValidateSkeleton(skeleton), StatusIs(absl::StatusCode::kInvalidArgument));
  skeleton = Valid();
  skeleton.manifests.resize(kMaxSkeletonManifests + 1);
  EXPECT_THAT(ValidateSkeleton(skeleton), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SkeletonTest, KindsHaveNames) {
  for (const TargetKind kind :
       {TargetKind::kLib, TargetKind::kProcMacro, TargetKind::kBin, TargetKind::kExample,
        TargetKind::kTest, TargetKind::kBench, TargetKind::kBuildScript}) {
    EXPECT_EQ(ParseTargetKind(TargetKindText(kind)), kind);
  }
  EXPECT_EQ(ParseTargetKind("Lib"), std::nullopt);
  EXPECT_EQ(ParseTargetKind(""), std::nullopt);
}

TEST(SkeletonTest, ManifestsAreFoundByPath) {
  Skeleton skeleton = Valid();
  std::swap(skeleton.manifests[0], skeleton.manifests[1]);
  SortSkeleton(skeleton);
  EXPECT_EQ(skeleton, Valid());
  EXPECT_EQ(FindManifest(skeleton, "crates/a/Cargo.toml"), &skeleton.manifests[1]);
  EXPECT_EQ(FindManifest(skeleton, "Cargo.toml"), &skeleton.manifests[0]);
  EXPECT_EQ(FindManifest(skeleton, "crates/b/Cargo.toml"), nullptr);
  EXPECT_EQ(FindManifest(skeleton, "a"), nullptr);
}

}  // namespace
}  // namespace depcache
