#include <nlohmann/json.hpp>

#include "tests/client/commands/run_command.h"

namespace depcache::client {
namespace {

using ::testing::HasSubstr;

class RecipeCommandTest : public CommandTest {};

TEST_F(RecipeCommandTest, PrintsTheHashAlone) {
  EXPECT_EQ(Run({"recipe"}), 0) << context_.terminal.err;
  EXPECT_EQ(context_.terminal.out, RecipeHashText(HashOf()) + "\n");
}

TEST_F(RecipeCommandTest, FlagsOfCookCountAsThere) {
  CargoFlags release;
  release.release = true;
  EXPECT_EQ(Run({"recipe", "--release"}), 0);
  EXPECT_EQ(context_.terminal.out, RecipeHashText(HashOf(release)) + "\n");
}

TEST_F(RecipeCommandTest, TheTraceShowsEachPartWithItsValue) {
  EXPECT_EQ(Run({"recipe", "--trace"}), 0);
  const auto input = Load();
  for (const auto& [name, digest] : input->recipe.Trace()) {
    EXPECT_THAT(context_.terminal.out, HasSubstr(digest.ToShortHex() + " " + name + "\n"));
  }
  EXPECT_THAT(context_.terminal.out, HasSubstr("    release: "));
}

TEST_F(RecipeCommandTest, JsonHoldsTheSame) {
  EXPECT_EQ(Run({"recipe", "--json"}), 0);
  const nlohmann::json json = nlohmann::json::parse(context_.terminal.out, nullptr, false);
  ASSERT_TRUE(json.is_object());
  const auto input = Load();
  EXPECT_EQ(json["recipe"], RecipeHashText(input->recipe.Hash()));
  EXPECT_EQ(json["parts"].size(), input->recipe.parts().size());
}

TEST_F(RecipeCommandTest, FlagsThatExcludeEachOtherAreRefused) {
  EXPECT_EQ(Run({"recipe", "--release", "--profile", "ci"}), 2);
  EXPECT_EQ(context_.terminal.out, "");
}

}  // namespace
}  // namespace depcache::client
