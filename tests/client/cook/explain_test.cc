#include "client/cook/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/recipe_parts.h"

namespace depcache::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Recipe Ours(const std::vector<std::pair<std::string, std::string>>& parts) {
  return *Recipe::FromParts(parts);
}

StoredPart Stored(const std::string& name, const std::string& value,
                  PartState state = PartState::kShown) {
  return {name, HashAs<PartDigest>(value), state, state == PartState::kShown ? value : ""};
}

TEST(ExplainTest, EqualRecipesDifferInNothing) {
  EXPECT_THAT(ChangesOf(Ours({{"lock", "a"}, {"profile", "dev"}}),
                        {Stored("lock", "a", PartState::kLeftOut),
                         Stored("profile", "dev", PartState::kLeftOut)},
                        {}),
              IsEmpty());
}

TEST(ExplainTest, AChangeIsToldFromTheirsToOurs) {
  const auto changes = ChangesOf(Ours({{"lock", "a"}, {"profile", "release"}}),
                                 {Stored("lock", "a"), Stored("profile", "dev")}, {});
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].name, "profile");
  EXPECT_EQ(changes[0].from, "--profile or --release");
  EXPECT_EQ(changes[0].ours, "release");
  EXPECT_EQ(changes[0].theirs, "dev");
  EXPECT_THAT(changes[0].lines, ElementsAre("profile: dev -> release"));
}

TEST(ExplainTest, APartOfOneSideAloneIsAChange) {
  const auto changes =
      ChangesOf(Ours({{"rustflags", "-Ctarget-cpu=native"}}), {Stored("env.CC", "gcc-12")}, {});
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_THAT(changes[0].lines, ElementsAre("env.CC: gcc-12 -> (none)"));
  EXPECT_FALSE(changes[0].ours_digest);
  EXPECT_THAT(changes[1].lines, ElementsAre("rustflags: (none) -> -Ctarget-cpu=native"));
  EXPECT_FALSE(changes[1].theirs_digest);
}

TEST(ExplainTest, WhatIsNotKnownIsSaidToBe) {
  const auto changes = ChangesOf(Ours({{"env.KEY", "sha256:1"}, {"lock", "ours"}}),
                                 {Stored("env.KEY", "hunter2", PartState::kHidden),
                                  Stored("lock", "theirs", PartState::kLost)},
                                 {});
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_THAT(changes[0].lines[0], HasSubstr("not shown"));
  EXPECT_THAT(changes[0].lines[0], Not(HasSubstr("hunter2")));
  EXPECT_THAT(changes[0].lines[0], HasSubstr(HashAs<PartDigest>("hunter2").ToShortHex()));
  EXPECT_THAT(changes[1].lines[0], HasSubstr("not known any more"));
  EXPECT_FALSE(changes[1].theirs);
}

TEST(ExplainTest, OfListsOnlyTheLinesAboutAPackageAreTold) {
  const std::string source = " registry+https://example.org/index ";
  const Recipe ours =
      Ours({{"lock", "serde 1.0.2" + source + "x:\nserde_json 1.0.9" + source + "z:"},
            {"profile", "dev"}});
  const std::vector<StoredPart> theirs = {
      Stored("lock", "serde 1.0.1" + source + "y:\nserde_json 1.0.8" + source + "w:"),
      Stored("profile", "release")};
  const auto changes = ChangesOf(ours, theirs, {}, "serde");
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_THAT(changes[0].lines, ElementsAre("lock: serde 1.0.1 -> 1.0.2"));
  EXPECT_THAT(changes[1].lines, ElementsAre("profile: release -> dev"));
  EXPECT_THAT(ChangesOf(ours, theirs, {}, "itoa")[0].lines,
              ElementsAre("lock: differs, but not in itoa"));
}

TEST(ExplainTest, FlagsComeFromWhereTheyAreSet) {
  EXPECT_EQ(OriginOf("rustflags", {{"RUSTFLAGS", "-g"}}), "RUSTFLAGS");
  EXPECT_EQ(OriginOf("rustflags", {{"CARGO_TARGET_X_RUSTFLAGS", "-g"}}),
            "CARGO_TARGET_X_RUSTFLAGS");
  EXPECT_EQ(OriginOf("rustflags", {{"RUSTFLAGS", ""}}), "RUSTFLAGS or .cargo/config.toml");
}

TEST(ExplainTest, EveryPartHasAnOrigin) {
  const std::string unknown = OriginOf("no.such.part", {});
  for (const RecipePart& part : RecipePartList()) {
    const std::string name = std::string(part.name) + (part.IsFamily() ? "x" : "");
    if (name == "kind") continue;  // of other tools' recipes
    EXPECT_NE(OriginOf(name, {}), unknown) << name;
  }
}

}  // namespace
}  // namespace depcache::client
