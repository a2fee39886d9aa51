#include "cache/recipe/recipe.h"

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/base/hex.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::ExpectMatchesGolden;
using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Parts = std::vector<std::pair<std::string, std::string>>;

Recipe TwoParts() {
  Recipe recipe;
  recipe.Add("rustc", "rustc 1.95.0");
  recipe.Add("profile", "release");
  return recipe;
}

// sha256("depcache.recipe.v1\n"
//        07000000 "profile" sha256("release")
//        05000000 "rustc" sha256("rustc 1.95.0")), computed with another tool.
constexpr std::string_view kTwoPartsHash =
    "cargo:a0b2aa826bd944aecfb09fbc33e59da79ba7714898971e9128296276e3e012e3";

TEST(RecipeTest, Version1Vectors) {
  EXPECT_EQ(RecipeHashText(TwoParts().Hash()), kTwoPartsHash);
  EXPECT_EQ(ToHex(Encode(TwoParts())),
            "64637231"
            "02000000"
            "07000000"
            "70726f66696c65"
            "07000000"
            "72656c65617365"
            "05000000"
            "7275737463"
            "0c000000"
            "727573746320312e39352e30");
}

TEST(RecipeTest, TheOrderOfPartsDoesNotMatter) {
  Recipe other;
  other.Add("profile", "release");
  other.Add("rustc", "rustc 1.95.0");
  EXPECT_EQ(other.Hash(), TwoParts().Hash());
  const absl::StatusOr<Recipe> made =
      Recipe::FromParts({{"rustc", "rustc 1.95.0"}, {"profile", "release"}});
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(*made, other);
}

TEST(RecipeTest, WhereANameEndsAndAValueBeginsMatters) {
  const auto hash = [](Parts parts) { return Recipe::FromParts(std::move(parts))->Hash(); };
  const RecipeHash base = hash({{"ab", "c"}});
  EXPECT_NE(hash({{"a", "bc"}}), base);
  EXPECT_NE(hash({{"abc", ""}}), base);
  EXPECT_NE(hash({{"ab", "c"}, {"d", ""}}), base);
  EXPECT_NE(hash({}), base);
}

TEST(RecipeTest, TheTraceHasADigestOfEveryValue) {
  EXPECT_THAT(TwoParts().Trace(),
              ElementsAre(std::pair("profile", HashAs<PartDigest>("release")),
                          std::pair("rustc", HashAs<PartDigest>("rustc 1.95.0"))));
}

TEST(RecipeTest, ChangedPartsAreThoseThatDifferOrAreMissing) {
  Recipe other;
  other.Add("a", "1");
  other.Add("profile", "dev");
  other.Add("z", "1");
  EXPECT_THAT(ChangedParts(TwoParts().Trace(), other.Trace()),
              ElementsAre("a", "profile", "rustc", "z"));
  EXPECT_THAT(ChangedParts(other.Trace(), TwoParts().Trace()),
              ElementsAre("a", "profile", "rustc", "z"));
  EXPECT_THAT(ChangedParts(other.Trace(), other.Trace()), IsEmpty());
}

TEST(RecipeTest, PartsPastALimitAreRefused) {
  const std::string long_name(kMaxRecipeNameBytes, 'n');
  EXPECT_THAT(Recipe::FromParts({{long_name, ""}}), IsOk());
  Parts many;
  for (std::uint32_t i = 0; i < kMaxRecipeParts; ++i) many.emplace_back(std::to_string(i), "");
  EXPECT_THAT(Recipe::FromParts(many), IsOk());
  many.emplace_back("one more", "");
  Parts heavy;
  for (int i = 0; i < 5; ++i) {
    heavy.emplace_back(std::to_string(i), std::string(kMaxRecipeValueBytes, 'v'));
  }
  const std::vector<Parts> refused = {
      many,
      heavy,
      {{long_name + "n", ""}},
      {{"a", std::string(kMaxRecipeValueBytes + 1, 'v')}},
      {{"", "x"}},
      {{"a b", "x"}},
      {{"a\n", "x"}},
      {{"ü", "x"}},
      {{"a", "x"}, {"b", "x"}, {"a", "x"}},
  };
  for (std::size_t i = 0; i < refused.size(); ++i) {
    EXPECT_THAT(Recipe::FromParts(refused[i]), StatusIs(absl::StatusCode::kInvalidArgument)) << i;
  }
}

TEST(RecipeDeathTest, AddingANameTwiceAborts) {
  Recipe recipe = TwoParts();
  EXPECT_DEATH(recipe.Add("profile", "x"), "broken invariant");
  EXPECT_DEATH(recipe.Add("no blank", "x"), "broken invariant");
}

TEST(RecipeTest, TheStoredFormIsReadBack) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    Parts parts;
    for (std::uint64_t i = random() % 20; i > 0; --i) {
      std::string value(random() % 100, '\0');
      for (char& c : value) c = static_cast<char>(random());
      parts.emplace_back("p" + std::to_string(i), std::move(value));
    }
    const absl::StatusOr<Recipe> recipe = Recipe::FromParts(parts);
    ASSERT_THAT(recipe, IsOk());
    EXPECT_THAT(DecodeRecipe(Encode(*recipe)), IsOkAndHolds(*recipe)) << "seed " << seed;
  }
}

TEST(RecipeTest, EveryPrefixOfTheStoredFormIsRefused) {
  const std::string stored = Encode(TwoParts());
  for (std::size_t size = 0; size < stored.size(); ++size) {
    EXPECT_THAT(DecodeRecipe(stored.substr(0, size)), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(DecodeRecipe(stored + '\0'), StatusIs(absl::StatusCode::kInvalidArgument));
  std::string other_order = stored;
  other_order[12] = 'z';  // "zrofile" no longer stands before "rustc"
  EXPECT_THAT(DecodeRecipe(other_order), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RecipeTest, AHashAsTextSaysItsKind) {
  const RecipeHash hash = TwoParts().Hash();
  EXPECT_THAT(ParseRecipeHash(RecipeHashText(hash)), IsOkAndHolds(hash));
  for (const std::string& text :
       {std::string(), hash.ToHex(), "npm:" + hash.ToHex(), "cargo:" + hash.ToHex().substr(1),
        "CARGO:" + hash.ToHex(), "cargo:" + hash.ToHex() + "0"}) {
    EXPECT_THAT(ParseRecipeHash(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(RecipeTest, APartSaysThatARecipeIsNotCargos) {
  EXPECT_EQ(TwoParts().kind(), RecipeKind::kCargo);
  Recipe go = TwoParts();
  go.Add("kind", "go");
  EXPECT_EQ(go.kind(), RecipeKind::kGo);
  EXPECT_EQ(RecipeHashText(go), "go:" + go.Hash().ToHex());
  EXPECT_THAT(ParseRecipeHash(RecipeHashText(go)), IsOkAndHolds(go.Hash()));
  EXPECT_NE(go.Hash(), TwoParts().Hash());
  EXPECT_THAT(Recipe::FromParts({{"kind", "cargo"}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RecipeTest, TheEncodingIsPinned) {
  Recipe recipe = TwoParts();
  recipe.Add("env.CC", "");
  recipe.Add("lock", "a 1\nb 2");
  std::string text = RecipeHashText(recipe.Hash()) + '\n';
  for (const auto& [name, digest] : recipe.Trace()) text += name + ' ' + digest.ToHex() + '\n';
  ExpectMatchesGolden("recipe/encoding.txt", text + ToHex(Encode(recipe)) + '\n');
}

}  // namespace
}  // namespace depcache
