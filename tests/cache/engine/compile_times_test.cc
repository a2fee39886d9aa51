#include "cache/engine/compile_times.h"

#include <vector>

#include <gtest/gtest.h>

namespace depcache {
namespace {

const ScopeKey kMain = ScopeKeyOf("", "main");
const ScopeKey kOther = ScopeKeyOf("", "dev/ann");

TEST(CompileTimesTest, UnitsAreAddedUpAndTheSlowestIsNamed) {
  CompileTimes times;
  times.Note(kMain, "serde", 3000);
  times.Note(kMain, "syn", 5000);
  const auto expected = times.Of(kMain, std::vector<std::string>{"serde", "syn"});
  EXPECT_EQ(expected.total_ms, 8000);
  EXPECT_EQ(expected.longest_ms, 5000);
  EXPECT_EQ(expected.unknown, 0);
}

TEST(CompileTimesTest, WhatWasNeverSeenIsUnknown) {
  CompileTimes times;
  times.Note(kMain, "serde", 3000);
  times.Note(kMain, "untimed", 0);
  const auto expected = times.Of(kMain, std::vector<std::string>{"serde", "untimed", "new"});
  EXPECT_EQ(expected.total_ms, 3000);
  EXPECT_EQ(expected.unknown, 2);
  EXPECT_EQ(times.Of(kOther, std::vector<std::string>{"serde"}).unknown, 1);
}

TEST(CompileTimesTest, TheLastTimeCounts) {
  CompileTimes times;
  times.Note(kMain, "serde", 3000);
  times.Note(kMain, "serde", 1000);
  EXPECT_EQ(times.Of(kMain, std::vector<std::string>{"serde"}).total_ms, 1000);
}

TEST(CompileTimesTest, TheOldestAreForgottenFirst) {
  CompileTimes times(/*max_units=*/2);
  times.Note(kMain, "a", 1);
  times.Note(kMain, "b", 2);
  times.Note(kMain, "a", 3);  // not new: nothing is forgotten for it
  times.Note(kMain, "c", 4);
  const auto expected = times.Of(kMain, std::vector<std::string>{"a", "b", "c"});
  EXPECT_EQ(expected.unknown, 1);
  EXPECT_EQ(expected.total_ms, 6);
}

}  // namespace
}  // namespace depcache
