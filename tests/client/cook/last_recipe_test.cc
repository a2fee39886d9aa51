#include "client/cook/last_recipe.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;

LastRecipe Sample() {
  LastRecipe last;
  last.recipe.Add("env.CC", std::string("gcc\xff\0x", 6));
  last.recipe.Add("lock", "line 1\nline \"2\"");
  last.summary.recipe = RecipeHashText(last.recipe.Hash());
  last.summary.result = "partial";
  last.summary.other_input = "Z_MODE";
  last.summary.units_planned = 5;
  last.summary.units_restored = 2;
  last.summary.units_present = 1;
  last.summary.units_built = 2;
  last.summary.skipped = {{"serde", "1.0.0", "why not"}};
  return last;
}

class LastRecipeTest : public ::testing::Test {
 protected:
  const testing::TestFolder folder_;
};

TEST_F(LastRecipeTest, ComesBackByteByByte) {
  const LastRecipe last = Sample();
  ASSERT_THAT(WriteLastRecipe(folder_.path(), last), IsOk());
  const auto back = ReadLastRecipe(folder_.path());
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->recipe, last.recipe);
  EXPECT_EQ(back->summary.recipe, last.summary.recipe);
  EXPECT_EQ(back->summary.result, "partial");
  EXPECT_EQ(back->summary.other_input, "Z_MODE");
  EXPECT_EQ(back->summary.units_planned, 5);
  EXPECT_EQ(back->summary.units_restored, 2);
  EXPECT_EQ(back->summary.units_present, 1);
  EXPECT_EQ(back->summary.units_built, 2);
  ASSERT_EQ(back->summary.skipped.size(), 1);
  EXPECT_EQ(back->summary.skipped[0].package, "serde");
  EXPECT_EQ(back->summary.skipped[0].reason, "why not");
}

TEST_F(LastRecipeTest, NoBuildDirectoryIsMadeForIt) {
  ASSERT_THAT(WriteLastRecipe(folder_ / "target", Sample()), IsOk());
  EXPECT_FALSE(folder_.Has("target"));
  EXPECT_THAT(ReadLastRecipe(folder_ / "target"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(LastRecipeTest, WhatIsNotOursIsRefused) {
  for (const char* text :
       {"", "{", "[]", "{}", "{\"version\":2,\"parts\":{}}", "{\"version\":1}",
        "{\"version\":1,\"parts\":{\"a\":1}}", "{\"version\":1,\"parts\":{\"a\":{\"hex\":\"0\"}}}",
        "{\"version\":1,\"parts\":{\"bad name\":\"x\"}}"}) {
    folder_.Write(".depcache/last-recipe.json", text);
    EXPECT_THAT(ReadLastRecipe(folder_.path()), StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace depcache::client
