#include "cache/recipe/skeleton_files.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/cargo_config.h"
#include "tests/cache/recipe/workspaces.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::PackageAt;
using ::depcache::testing::SmallWorkspace;
using ::depcache::testing::StatusIs;
using ::depcache::testing::Target;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::map<std::string, std::string> FilesOf(const WorkspaceText& workspace,
                                           StubStyle style = StubStyle::kStd) {
  const absl::StatusOr<Skeleton> skeleton = BuildSkeleton(workspace);
  EXPECT_THAT(skeleton, IsOk());
  const absl::StatusOr<std::vector<SkeletonFile>> files = SkeletonFiles(*skeleton, style);
  EXPECT_THAT(files, IsOk());
  std::map<std::string, std::string> texts;
  for (const SkeletonFile& file : *files) {
    EXPECT_TRUE(texts.emplace(file.path, file.text).second) << file.path;
  }
  return texts;
}

TEST(SkeletonFilesTest, AWorkspaceIsWrittenWhole) {
  WorkspaceText workspace = SmallWorkspace();
  workspace.configs = {"build.rustflags = ['-a']\n"};
  workspace.toolchain = ToolchainFile{"rust-toolchain", "stable\n", {}};
  std::vector<std::string> paths;
  for (const auto& [path, text] : FilesOf(workspace)) paths.push_back(path);
  EXPECT_THAT(
      paths,
      ElementsAre(".cargo/config.toml", "Cargo.lock", "Cargo.toml", "crates/app/Cargo.toml",
                  "crates/app/src/main.rs", "crates/app/tests/smoke.rs", "crates/core/Cargo.toml",
                  "crates/core/src/lib.rs", "crates/macros/Cargo.toml", "crates/macros/src/lib.rs",
                  "crates/tool/Cargo.toml", "crates/tool/build.rs", "crates/tool/src/main.rs",
                  "rust-toolchain"));
}

TEST(SkeletonFilesTest, WithoutConfigurationNoneIsWritten) {
  EXPECT_FALSE(FilesOf(SmallWorkspace()).contains(".cargo/config.toml"));
  WorkspaceText workspace = SmallWorkspace();
  workspace.configs = {"[env]\nMY_TOKEN = 'hunter2'\n"};
  EXPECT_FALSE(FilesOf(workspace).contains(".cargo/config.toml"));
  workspace.configs = {"[env]\nMY_TOKEN = 'hunter2'\nX = 'y'\n"};
  EXPECT_EQ(FilesOf(workspace).at(".cargo/config.toml"), "[env]\nX = { value = \"y\" }\n");
}

TEST(SkeletonFilesTest, EachKindOfTargetHasItsStub) {
  struct Case {
    TargetKind kind;
    bool has_harness;
    std::string_view std_text;
    std::string_view no_std_part;
  };
  constexpr std::string_view kMain = "fn main() {}\n";
  for (const Case& test : {
           Case{TargetKind::kLib, true, "", "#![no_std]\n"},
           Case{TargetKind::kProcMacro, true, "", ""},
           Case{TargetKind::kBin, true, kMain, "#[panic_handler]"},
           Case{TargetKind::kExample, true, kMain, "#[panic_handler]"},
           Case{TargetKind::kTest, true, "", "custom_test_frameworks"},
           Case{TargetKind::kTest, false, kMain, "#![no_main]"},
           Case{TargetKind::kBench, true, "", "custom_test_frameworks"},
           Case{TargetKind::kBench, false, kMain, "#![no_main]"},
           Case{TargetKind::kBuildScript, true, kMain, kMain},
       }) {
    const SkeletonTarget target{test.kind, "x", "x.rs", {}, test.has_harness, {}};
    EXPECT_EQ(StubSource(target, StubStyle::kStd), test.std_text);
    EXPECT_THAT(std::string(StubSource(target, StubStyle::kNoStd)), HasSubstr(test.no_std_part));
  }
}

TEST(SkeletonFilesTest, WithoutStdOnlyWhatRunsOnTheHostUsesIt) {
  const auto files = FilesOf(SmallWorkspace(), StubStyle::kNoStd);
  EXPECT_THAT(files.at("crates/core/src/lib.rs"), HasSubstr("#![no_std]"));
  EXPECT_THAT(files.at("crates/macros/src/lib.rs"), Not(HasSubstr("no_std")));
  EXPECT_THAT(files.at("crates/tool/build.rs"), Not(HasSubstr("no_std")));
}

TEST(SkeletonFilesTest, ASharedSourceGetsAMainFunctionIfOneNeedsIt) {
  WorkspaceText workspace = SmallWorkspace();
  auto& targets = PackageAt(workspace, "crates/core/Cargo.toml").targets;
  targets.insert(targets.begin(), Target("bin", "core-cli", "crates/core/src/lib.rs"));
  EXPECT_EQ(FilesOf(workspace).at("crates/core/src/lib.rs"), "fn main() {}\n");
}

TEST(SkeletonFilesTest, AnInvalidSkeletonIsNotWritten) {
  absl::StatusOr<Skeleton> skeleton = BuildSkeleton(SmallWorkspace());
  ASSERT_THAT(skeleton, IsOk());
  skeleton->manifests[1].targets[0].path = "../../etc/cron.d/x";
  EXPECT_THAT(SkeletonFiles(*skeleton, StubStyle::kStd),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache
