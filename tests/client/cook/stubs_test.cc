#include "client/cook/stubs.h"

#include "cache/recipe/build_skeleton.h"
#include "cache/recipe/skeleton_json.h"
#include "client/command.h"
#include "tests/cache/recipe/workspaces.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_context.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::SmallWorkspace;
using ::depcache::testing::TestContext;
using ::depcache::testing::TestFolder;
using ::testing::HasSubstr;

class WriteStubsTest : public ::testing::Test {
 protected:
  WriteStubsTest() {
    WorkspaceText workspace = SmallWorkspace();
    // For the real cargo every feature must lead somewhere.
    testing::Replace(testing::PackageAt(workspace, "crates/app/Cargo.toml").text, "serde/rc",
                     "libc/std");
    const auto skeleton = BuildSkeleton(workspace);
    EXPECT_THAT(skeleton, IsOk());
    folder_.Write("recipe.json", SkeletonToJson(*skeleton));
    flags_.recipe_path = "recipe.json";
    flags_.no_build = true;
  }
  ExitCode Write() { return static_cast<ExitCode>(WriteStubs(context_.context, flags_)); }
  // All files but recipe.json.
  std::map<std::string, std::string> Files() {
    std::map<std::string, std::string> files;
    EXPECT_THAT(WalkTree(folder_.path(),
                         [&](const auto& path, const auto& entry) {
                           if (entry.is_regular_file() && path != "recipe.json") {
                             files[path] = folder_.Read(path);
                           }
                           return absl::OkStatus();
                         }),
                IsOk());
    return files;
  }

  const TestFolder folder_;
  TestContext context_{folder_.path()};
  CargoFlags flags_;
};

TEST_F(WriteStubsTest, CargoTakesWhatWasWrittenForAWorkspace) {
  EXPECT_EQ(Write(), ExitCode::kOk) << context_.terminal.err;
  EXPECT_GE(Files().size(), 4U);
  const auto result = context_.processes.Run(
      {{"cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"},
       folder_.path(),
       {}});
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->exit_code, 0) << result->err;
}

TEST_F(WriteStubsTest, WritingTwiceChangesNothing) {
  ASSERT_EQ(Write(), ExitCode::kOk);
  const auto files = Files();
  EXPECT_EQ(Write(), ExitCode::kOk);
  EXPECT_EQ(Files(), files);
}

TEST_F(WriteStubsTest, AFileOfSomebodyIsNeverOverwrittenAndNothingElseWritten) {
  folder_.Write("Cargo.toml", "mine");
  EXPECT_EQ(Write(), ExitCode::kUsage);
  EXPECT_EQ(Files(), (std::map<std::string, std::string>{{"Cargo.toml", "mine"}}));
  EXPECT_THAT(context_.terminal.err, HasSubstr("Cargo.toml is there already"));
}

TEST_F(WriteStubsTest, StubsWithoutStdDiffer) {
  ASSERT_EQ(Write(), ExitCode::kOk);
  const auto with_std = Files();
  const TestFolder other;
  other.Write("recipe.json", folder_.Read("recipe.json"));
  TestContext context(other.path());
  flags_.no_std = true;
  ASSERT_EQ(WriteStubs(context.context, flags_), 0);
  std::size_t without_std = 0;
  for (const auto& [path, text] : with_std) {
    if (other.Read(path).find("#![no_std]") != std::string::npos) ++without_std;
    EXPECT_EQ(text.find("#![no_std]"), std::string::npos) << path;
  }
  EXPECT_GT(without_std, 0U);
}

TEST_F(WriteStubsTest, ARecipeThatIsGoneOrDamagedIsNamed) {
  folder_.Write("recipe.json", "{}");
  EXPECT_EQ(Write(), ExitCode::kUsage);
  flags_.recipe_path = "gone.json";
  EXPECT_EQ(Write(), ExitCode::kUsage);
  EXPECT_THAT(context_.terminal.err, HasSubstr("gone.json"));
}

}  // namespace
}  // namespace depcache::client
