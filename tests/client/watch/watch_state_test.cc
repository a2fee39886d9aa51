#include "client/watch/watch_state.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

TEST(WatchStateTest, ARecipeIsKept) {
  const testing::TestFolder folder;
  const auto file = folder / "a/b/state";
  EXPECT_EQ(ReadWatchState(file), std::nullopt);
  Recipe recipe;
  recipe.Add("lock", "text");
  ASSERT_THAT(WriteWatchState(file, recipe), testing::IsOk());
  EXPECT_EQ(ReadWatchState(file), recipe);
}

TEST(WatchStateTest, DamageIsAsIfThereWereNone) {
  const testing::TestFolder folder;
  Recipe recipe;
  recipe.Add("lock", "text");
  const auto file = folder.Write("state", Encode(recipe).substr(1));
  EXPECT_EQ(ReadWatchState(file), std::nullopt);
}

TEST(WatchStateTest, CommandsDoNotShareAFile) {
  EXPECT_EQ(WatchStateFile("/b", {"a", "b"}), WatchStateFile("/b", {"a", "b"}));
  EXPECT_NE(WatchStateFile("/b", {"a", "b"}), WatchStateFile("/b", {"ab"}));
  EXPECT_NE(WatchStateFile("/b", {"a", "b"}), WatchStateFile("/b", {"a b"}));
}

}  // namespace
}  // namespace depcache::client
