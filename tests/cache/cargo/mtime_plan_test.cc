#include "cache/cargo/mtime_plan.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace depcache {
namespace {

using ::testing::ElementsAre;

TEST(MtimePlanTest, WithoutBoundsEveryUnitHasTheBaseTime) {
  const std::vector<TimedUnit> units = {{{}, 0}, {{0}, 0}, {{0, 1}, 5}};
  EXPECT_THAT(PlanTimes(units), ElementsAre(kBaseTime, kBaseTime, kBaseTime));
  EXPECT_THAT(PlanTimes({}), ElementsAre());
}

TEST(MtimePlanTest, ABoundIsPassedOnToAllAboveAndToNobodyElse) {
  const std::int64_t late = kBaseTime + 100;
  const std::vector<TimedUnit> units = {
      {{}, 0}, {{}, late}, {{1}, 0}, {{0, 2}, late - 1}, {{0}, 0}};
  EXPECT_THAT(PlanTimes(units), ElementsAre(kBaseTime, late, late, late, kBaseTime));
}

TEST(MtimePlanTest, PartsOfSecondsAreRoundedUp) {
  EXPECT_EQ(NotBefore(5, 0), 5);
  EXPECT_EQ(NotBefore(5, 1), 6);
  EXPECT_EQ(NotBefore(5, 999'999'999), 6);
  EXPECT_EQ(NotBefore(-5, 1), -4);
}

TEST(MtimePlanDeathTest, AbortsIfADependencyComesLater) {
  const std::vector<TimedUnit> units = {{{0}, 0}};
  EXPECT_DEATH(PlanTimes(units), "broken invariant");
}

// Cargo's own comparisons: an output of a dependency newer than the newest of
// the unit's own is stale, and so is an input newer than what names it.
TEST(MtimePlanTest, CargoFindsEveryUnitFresh) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    struct Input {
      std::size_t unit;
      std::int64_t seconds;
      std::int64_t nanoseconds;
    };
    std::vector<TimedUnit> units(1 + random() % 60);
    std::vector<Input> inputs;
    for (std::size_t i = 0; i < units.size(); ++i) {
      for (std::size_t dep = 0; dep < i; ++dep) {
        if (random() % 5 == 0) units[i].deps.push_back(dep);
      }
      while (random() % 3 == 0) {
        const std::int64_t seconds = static_cast<std::int64_t>(random() % 4) * 600'000'000;
        const std::int64_t nanoseconds = random() % 2 == 0 ? 0 : random() % 1'000'000'000;
        inputs.push_back({i, seconds, nanoseconds});
        units[i].not_before = std::max(units[i].not_before, NotBefore(seconds, nanoseconds));
      }
    }
    const std::vector<std::int64_t> times = PlanTimes(units);
    for (std::size_t i = 0; i < units.size(); ++i) {
      ASSERT_GE(times[i], kBaseTime) << "seed " << seed;
      bool is_least = times[i] == kBaseTime || times[i] == units[i].not_before;
      for (const std::size_t dep : units[i].deps) {
        ASSERT_LE(times[dep], times[i]) << "seed " << seed;
        is_least = is_least || times[dep] == times[i];
      }
      ASSERT_TRUE(is_least) << "seed " << seed << ": later than it must be";
    }
    for (const Input& input : inputs) {
      const std::int64_t time = times[input.unit];
      ASSERT_TRUE(input.seconds < time || (input.seconds == time && input.nanoseconds == 0))
          << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace depcache
