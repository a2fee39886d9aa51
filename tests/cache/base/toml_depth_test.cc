#include "cache/base/toml_depth.h"

#include <string>

#include <gtest/gtest.h>

namespace depcache {
namespace {

TEST(TomlDepthTest, BracketsAndDotsCountWhereTheyNest) {
  struct Case {
    std::string_view text;
    std::size_t depth;
  };
  for (const Case& test : {
           Case{"", 0},
           Case{"a = 1", 0},
           Case{"a = [[[]]]", 3},
           Case{"a = {b = {c = 1}}", 2},
           Case{"a.b.c = 1", 2},
           Case{"[a.b.c]\nd.e = 1", 3},
           Case{"[a.b.c]\nd = 1\n[x]\ny = 1", 2},
           Case{"a.b = {c.d = {e.f = 1}}", 5},
           Case{"a = [1, [2], [3], [4]]", 2},
           Case{"a = {b.c = 1, d.e = 2, f.g = 3}", 2},
           Case{"a = [\n  [\n1],\n[2]\n]\nb = [1]", 2},
       }) {
    // Two more than the real depth are always counted: a header and its table.
    EXPECT_EQ(TomlDepthBound(test.text), test.text.empty() ? 0 : test.depth + 2) << test.text;
  }
}

TEST(TomlDepthTest, StringsAndCommentsDoNotCount) {
  const std::string many(1000, '[');
  for (const std::string& text : {
           "a = \"" + many + "\"",
           "a = '" + many + "'",
           "a = \"\\\"" + many + "\"",
           "a = \"\"\"x\n\"" + many + "\"\"\"",
           "a = \"\"\"\\\"\"\"" + many + "\"\"\"\"\"",
           "a = '''" + many + "'''''",
           "a = 1 # " + many + "\nb = 2",
           "\"" + many + "\" = 1",
       }) {
    EXPECT_LE(TomlDepthBound(text), 3U) << text;
    EXPECT_GE(TomlDepthBound(text + "\nc = " + many), 1000U) << text;
  }
}

TEST(TomlDepthTest, TheBoundHoldsForWhatNoParserShouldMeet) {
  EXPECT_GE(TomlDepthBound("a = " + std::string(1'000'000, '[')), 1'000'000U);
  EXPECT_GE(TomlDepthBound("a = [{" + std::string(1'000'000, '{')), 1'000'000U);
  std::string dotted = "a";
  for (int i = 0; i < 1000; ++i) dotted += ".a";
  EXPECT_GE(TomlDepthBound(dotted + " = 1"), 1000U);
  EXPECT_GE(TomlDepthBound("[[" + dotted + "]]\nb = 1"), 1000U);
  EXPECT_GE(TomlDepthBound("[" + dotted + "]\nb = 1\nc = {}"), 1000U);
  EXPECT_LE(TomlDepthBound("]]]}}}[[\"\"\"\\"), 4U);
}

}  // namespace
}  // namespace depcache
