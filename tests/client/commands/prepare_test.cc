#include "cache/recipe/skeleton_json.h"
#include "tests/client/commands/run_command.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::testing::HasSubstr;

class PrepareTest : public CommandTest {};

TEST_F(PrepareTest, WritesTheSkeletonOfTheWorkspace) {
  EXPECT_EQ(Run({"prepare"}), 0) << context_.terminal.err;
  const auto skeleton = ParseSkeleton(folder_.Read("small/recipe.json"));
  ASSERT_THAT(skeleton, IsOk());
  EXPECT_EQ(skeleton->manifests.size(), 4U);
  EXPECT_THAT(context_.terminal.err, HasSubstr("wrote recipe.json: 4 manifests"));
}

TEST_F(PrepareTest, TheFileStaysTheSameWhileOnlySourcesChange) {
  ASSERT_EQ(Run({"prepare"}), 0);
  const std::string before = folder_.Read("small/recipe.json");
  folder_.Write("small/util/src/lib.rs", "pub fn changed() {}\n");
  ASSERT_EQ(Run({"prepare", "--recipe-path", "again.json"}), 0);
  EXPECT_EQ(folder_.Read("small/again.json"), before);
}

TEST_F(PrepareTest, NarrowedItHasLess) {
  ASSERT_EQ(Run({"prepare"}), 0);
  ASSERT_EQ(Run({"prepare", "-p", "util", "--recipe-path", "util.json"}), 0)
      << context_.terminal.err;
  EXPECT_LT(folder_.Read("small/util.json").size(), folder_.Read("small/recipe.json").size());
}

TEST_F(PrepareTest, ANameThatNothingHasIsAWrongCommandLine) {
  EXPECT_EQ(Run({"prepare", "--bin", "ap"}), 2);
  EXPECT_THAT(context_.terminal.err, HasSubstr("app"));
  EXPECT_FALSE(folder_.Has("small/recipe.json"));
}

}  // namespace
}  // namespace depcache::client
