#include "cache/recipe/recipe_diff.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace depcache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RecipeDiffTest, AShortValueIsShownBeforeAndAfter) {
  EXPECT_THAT(DescribePart("profile", "dev", "release"), ElementsAre("profile: dev -> release"));
  EXPECT_THAT(DescribePart("env.CC", std::nullopt, "clang"),
              ElementsAre("env.CC: (none) -> clang"));
  EXPECT_THAT(DescribePart("env.CC", "", std::nullopt), ElementsAre("env.CC:  -> (none)"));
  EXPECT_THAT(DescribePart("env.CC", "x", "x"), IsEmpty());
}

TEST(RecipeDiffTest, OfLongValuesTheChangedLinesAreShown) {
  EXPECT_THAT(DescribePart("packages", "a\nb\nc", "a\nc\nd"),
              ElementsAre("packages: - b", "packages: + d"));
  EXPECT_THAT(DescribePart("packages", std::nullopt, "a\nb"),
              ElementsAre("packages: + a", "packages: + b"));
  EXPECT_THAT(DescribePart("rustflags", "a\nb", "b\na"), ElementsAre("rustflags: other order"));
}

TEST(RecipeDiffTest, InTheLockPackagesMove) {
  EXPECT_THAT(
      DescribePart("lock",
                   "a 1.0.0 registry+x 11: b\n"
                   "b 1.0.0 registry+x 22\n"
                   "c 1.0.0 registry+x 33\n"
                   "d 0.1.0: a\n"
                   "gone 1.0.0 registry+x 44\n"
                   "two 1.0.0 registry+x 55",
                   "a 1.0.0 registry+x 11: b, new\n"
                   "b 1.0.1 registry+x 23\n"
                   "c 1.0.0 registry+x 34\n"
                   "d 0.1.0\n"
                   "new 2.0.0 registry+x 66\n"
                   "two 1.1.0 registry+x 56\n"
                   "two 2.0.0 registry+x 57"),
      ElementsAre("lock: a 1.0.0: other dependencies", "lock: b 1.0.0 -> 1.0.1",
                  "lock: c 1.0.0: other source or checksum", "lock: d 0.1.0: other dependencies",
                  "lock: - gone 1.0.0", "lock: + new 2.0.0", "lock: - two 1.0.0",
                  "lock: + two 1.1.0", "lock: + two 2.0.0"));
}

TEST(RecipeDiffTest, LongListsAreCutShort) {
  std::string many = "0";
  for (int i = 1; i < 100; ++i) many += "\n" + std::to_string(i);
  EXPECT_THAT(DescribePart("x", std::nullopt, many, 3),
              ElementsAre("x: + 0", "x: + 1", "x: … and 98 more"));
  EXPECT_THAT(DescribePart("x", std::nullopt, many, 0), ElementsAre("x: … and 100 more"));
}

TEST(RecipeDiffTest, ControlBytesAndLongLinesDoNotReachATerminal) {
  EXPECT_THAT(DescribePart("x", "\x1b[31m", "a"), ElementsAre("x: ?[31m -> a"));
  EXPECT_EQ(DescribePart("x", "", std::string(100'000, 'a'))[0].size(), 3 + 4 + 200 + 3U);
}

TEST(RecipeDiffTest, OddLockLinesAreDescribedToo) {
  EXPECT_THAT(DescribePart("lock", "x", ": "), ElementsAre("lock: + : ", "lock: - x "));
  EXPECT_THAT(DescribePart("lock", "\n", std::nullopt), ElementsAre("lock: -  "));
}

TEST(RecipeDiffTest, TwoRecipesAreComparedPartByPart) {
  Recipe before;
  before.Add("lock", "serde 1.0.228 registry+x 1");
  before.Add("profile", "dev");
  before.Add("same", "x");
  Recipe after;
  after.Add("lock", "serde 1.0.229 registry+x 2");
  after.Add("same", "x");
  after.Add("targets", "wasm32-unknown-unknown");
  EXPECT_THAT(DescribeChange(before, after),
              ElementsAre("lock: serde 1.0.228 -> 1.0.229", "profile: dev -> (none)",
                          "targets: (none) -> wasm32-unknown-unknown"));
}

}  // namespace
}  // namespace depcache
