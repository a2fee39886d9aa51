#include "cache/base/text.h"

#include <gtest/gtest.h>

#include "cache/base/clock.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

TEST(TextTest, BytesInEveryUnit) {
  const std::map<std::string, std::uint64_t> cases = {{"0", 0},
                                                      {"1048576", 1048576},
                                                      {"7B", 7},
                                                      {"1KiB", 1024},
                                                      {"1.5 GiB", 1610612736},
                                                      {" 2MiB ", 2097152},
                                                      {"500MB", 500000000},
                                                      {"3kB", 3000},
                                                      {"3KB", 3000},
                                                      {"1TiB", 1099511627776},
                                                      {"2GB", 2000000000},
                                                      {"1TB", 1000000000000}};
  for (const auto& [text, bytes] : cases)
    EXPECT_THAT(ParseBytes(text), IsOkAndHolds(bytes)) << text;
}

TEST(TextTest, WhatIsNoSizeIsRefused) {
  for (const char* text : {"", "x", "-1", "1XB", "1 2", "MiB", "inf", "nan", "1e30", "0x10", "+1",
                           "9999999TiB", "1mib", "infMiB", "nanB"}) {
    EXPECT_THAT(ParseBytes(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(TextTest, BytesForPeople) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(1023), "1023 B");
  EXPECT_EQ(FormatBytes(1024), "1.0 KiB");
  EXPECT_EQ(FormatBytes(1610612736), "1.5 GiB");
  EXPECT_EQ(FormatBytes(5ULL << 50), "5120.0 TiB");
}

TEST(TextTest, DurationsInEveryUnit) {
  const std::map<std::string, int> cases = {{"30", 30'000}, {"30s", 30'000},  {"1.5s", 1500},
                                            {"250ms", 250}, {"15m", 900'000}, {"2h", 7'200'000},
                                            {"0", 0},       {" 1 s ", 1000}};
  for (const auto& [text, ms] : cases) {
    EXPECT_THAT(ParseDuration(text), IsOkAndHolds(milliseconds(ms))) << text;
  }
  for (const char* text : {"", "s", "-1s", "1d", "1 2s", "inf", "nan"}) {
    EXPECT_THAT(ParseDuration(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(TextTest, EveryDurationCanBeAddedToTheClock) {
  EXPECT_THAT(ParseDuration("876000h"), IsOk()) << "a hundred years";
  EXPECT_THAT(ParseDuration("1200000h"), StatusIs(absl::StatusCode::kInvalidArgument))
      << "more nanoseconds than a time point holds";
  EXPECT_GT(SystemClock().Now() + *ParseDuration("876000h"), SystemClock().Now());
}

TEST(TextTest, DurationsForPeople) {
  EXPECT_EQ(FormatDuration(milliseconds(840)), "0.84 s");
  EXPECT_EQ(FormatDuration(milliseconds(12'300)), "12.3 s");
  EXPECT_EQ(FormatDuration(milliseconds(200'000)), "3 min 20 s");
}

TEST(TextTest, BoolsAndNumbers) {
  for (const char* text : {"true", "1", "yes", "on"}) {
    EXPECT_THAT(ParseBool(text), IsOkAndHolds(true));
  }
  for (const char* text : {"false", "0", "no", "off"}) {
    EXPECT_THAT(ParseBool(text), IsOkAndHolds(false));
  }
  EXPECT_FALSE(ParseBool("TRUE").ok());
  EXPECT_FALSE(ParseBool("").ok());
  EXPECT_THAT(ParseNumber("42", 42), IsOkAndHolds(42));
  for (const char* text :
       {"43", "", "-1", "+1", "1.0", "1 ", " 1", "0x1", "99999999999999999999"}) {
    EXPECT_THAT(ParseNumber(text, 42), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(TextTest, TheNearestNameIsNearEnough) {
  const std::vector<std::string> names = {"max_store_bytes", "listen", "data"};
  EXPECT_EQ(NearestName("max_store_byte", names), "max_store_bytes");
  EXPECT_EQ(NearestName("listne", names), "listen");
  EXPECT_EQ(NearestName("dtaa", names), "data");
  EXPECT_EQ(NearestName("quite_another_thing", names), "");
  EXPECT_EQ(NearestName("x", {}), "");
}

TEST(TextTest, SplitKeepsEmptyParts) {
  EXPECT_THAT(Split("a,,b", ','), ElementsAre("a", "", "b"));
  EXPECT_THAT(Split("", ','), ElementsAre(""));
  EXPECT_THAT(Split(",", ','), ElementsAre("", ""));
}

TEST(TextTest, TrimTakesSpaceFromBothEnds) {
  EXPECT_EQ(Trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(Trim(" \n"), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(TextTest, OnlyWellFormedUtf8) {
  for (const char* text : {"", "ascii", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\xa6\x80",
                           "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const char* text :
       {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x82", "a\xc3z"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

}  // namespace
}  // namespace depcache::testing
