#include "cache/recipe/toml_text.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/toml_value.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;

std::string Canonical(std::string_view text) {
  const absl::StatusOr<TomlTable> table = ParseToml(text);
  EXPECT_THAT(table, IsOk()) << text;
  return table.ok() ? PrintToml(*table) : "";
}

TEST(TomlTextTest, CommentsOrderAndQuotingDoNotShow) {
  const std::string_view one = R"(
# a comment
[dependencies]
b = { version = "1", features = [ "x" ] } # another
a = '2'
)";
  const std::string_view two = R"([dependencies]
"a" = "2"
[dependencies.b]
features = ["x"]
version = "1"
)";
  EXPECT_EQ(Canonical(one), Canonical(two));
  EXPECT_EQ(Canonical(one),
            "[dependencies]\na = \"2\"\nb = { features = [\"x\"], version = \"1\" }\n");
}

TEST(TomlTextTest, EveryTypeOfValueSurvives) {
  const std::string text = R"(array = [1, 2.5, "x", [true], { a = 1 }]
big = 9223372036854775807
date = 2024-02-29
exponent = 1e+30
hex = 255
infinite = -inf
local = 2024-02-29T12:30:00
negative = -1
string = "tab\tquote\" \\ \u0001"
time = 07:32:00
whole = 2.0
zoned = 2024-02-29T12:30:00+01:00

[empty]

[[list]]
a = 1

[[list]]

[list.below]
b = { c = [] }
)";
  EXPECT_EQ(Canonical(text), text);
  EXPECT_EQ(Canonical("hex = 0xff"), "hex = 255\n");
  EXPECT_EQ(Canonical("not = nan"), "not = nan\n");
}

TEST(TomlTextTest, WhatCargoTakesOfToml11IsTaken) {
  EXPECT_EQ(Canonical("a = {\n  b = 1, # why\n  c = 2,\n}\n"), "[a]\nb = 1\nc = 2\n");
  EXPECT_EQ(Canonical(R"(a = "\e\x41")"), "a = \"\\u001BA\"\n");
}

TEST(TomlTextTest, AByteOrderMarkIsSkipped) {
  EXPECT_EQ(Canonical("\xEF\xBB\xBF"
                      "a = 1"),
            "a = 1\n");
}

TEST(TomlTextTest, ASyntaxErrorNamesItsPlace) {
  const absl::StatusOr<TomlTable> table = ParseToml("a = 1\nb = = 2\n");
  EXPECT_THAT(table, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(table.status().ToString(), HasSubstr("line 2, column"));
  EXPECT_THAT(ParseToml("a = 1\na = 2"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseToml("a = \"\xFF\""), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TomlTextTest, TextThatMisleadsTheParserIsRefused) {
  // Each of these made the library run into a broken assumption of its own.
  for (const std::string_view text : {"[/]", "[/me", "a = ü", "aʠ", "a = 1 ʠ", "[ü"}) {
    EXPECT_THAT(ParseToml(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
  EXPECT_EQ(Canonical("a = \"\"\"\\\n  ü\\\nʠ\"\"\""), "a = \"üʠ\"\n");
}

TEST(TomlTextTest, TextPastTheLimitsIsRefusedBeforeParsing) {
  EXPECT_THAT(ParseToml(std::string(kMaxTomlBytes + 1, '\n')),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseToml(std::string(kMaxTomlBytes, '\n')), IsOk());
  const auto nested = [](std::size_t depth) {
    return "a = " + std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_THAT(ParseToml(nested(60)), IsOk());
  for (const std::size_t depth : {65U, 1'000U, 1'000'000U}) {
    EXPECT_THAT(ParseToml(nested(depth)), StatusIs(absl::StatusCode::kInvalidArgument)) << depth;
  }
  std::string dotted = "a";
  for (int i = 0; i < 100'000; ++i) dotted += ".a";
  EXPECT_THAT(ParseToml(dotted + " = 1"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseToml("[" + dotted + "]"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache
