#include "cache/recipe/recipe_parts.h"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/recipe/workspaces.h"

namespace depcache {
namespace {

using ::testing::ElementsAreArray;

std::vector<std::string> Listed() {
  std::vector<std::string> names;
  for (const RecipePart& part : RecipePartList()) names.emplace_back(part.name);
  return names;
}

TEST(RecipePartsTest, TheListIsSortedAndWithoutRepetition) {
  const std::vector<std::string> names = Listed();
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(RecipePartsTest, FamiliesNeedAName) {
  EXPECT_TRUE(IsRecipePart("rustc"));
  EXPECT_TRUE(IsRecipePart("env.CC"));
  EXPECT_FALSE(IsRecipePart("env."));
  EXPECT_FALSE(IsRecipePart("env"));
  EXPECT_FALSE(IsRecipePart("rustc.other"));
  EXPECT_FALSE(IsRecipePart(""));
}

// Rows of the table in docs/recipe.md: "| `name` | …".
TEST(RecipePartsTest, TheDocumentationListsTheSameParts) {
  std::istringstream text(
      testing::ReadText(std::filesystem::path(DEPCACHE_SOURCE_DIR) / "docs/recipe.md"));
  const std::regex row("^\\| `([^`]+)` \\|.*");
  std::vector<std::string> documented;
  bool is_in_table = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("## ")) is_in_table = line == "## Parts";
    std::smatch match;
    if (is_in_table && std::regex_match(line, match, row)) {
      std::string name = match[1];
      // A family is written `env.<variable>`.
      documented.push_back(name.substr(0, name.find('<')));
    }
  }
  EXPECT_THAT(documented, ElementsAreArray(Listed()));
}

}  // namespace
}  // namespace depcache
