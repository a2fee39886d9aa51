#include "cache/recipe/toml_value.h"

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/toml_text.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsNull;

TomlTable Parsed(std::string_view text) {
  absl::StatusOr<TomlTable> table = ParseToml(text);
  EXPECT_THAT(table, IsOk()) << text;
  return table.ok() ? *std::move(table) : TomlTable();
}

std::string Canonical(std::string_view text) { return PrintToml(Parsed(text)); }

TEST(TomlValueTest, ATableOfTablesGetsNoHeaderOfItsOwn) {
  EXPECT_EQ(Canonical("[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n"),
            "[target.\"cfg(unix)\"]\ndependencies = { libc = \"0.2\" }\n");
  EXPECT_EQ(Canonical("[a.b.c.d]\ne.f = 1\n"), "[a.b.c.d]\ne = { f = 1 }\n");
}

TEST(TomlValueTest, LookUpsOfAbsentKeysAndOtherTypesGiveNothing) {
  const TomlTable table = Parsed("[a]\nb = \"text\"\nc = 1\n");
  EXPECT_EQ(*FindString(FindTable(&table, "a"), "b"), "text");
  EXPECT_THAT(FindString(FindTable(&table, "a"), "c"), IsNull());
  EXPECT_THAT(FindTable(FindTable(FindTable(&table, "x"), "y"), "z"), IsNull());
  EXPECT_TRUE(FindBool(FindTable(&table, "a"), "b", true));
  EXPECT_FALSE(FindBool(nullptr, "b", false));
}

TEST(TomlValueTest, AStringIsAListOfOne) {
  const TomlTable table = Parsed("one = \"a\"\nmany = [\"b\", 1, \"c\"]\nnone = 7\n");
  EXPECT_THAT(StringsOf(Find(&table, "one")), ElementsAre("a"));
  EXPECT_THAT(StringsOf(Find(&table, "many")), ElementsAre("b", "c"));
  EXPECT_THAT(StringsOf(Find(&table, "none")), IsEmpty());
  EXPECT_THAT(StringsOf(nullptr), IsEmpty());
}

TEST(TomlValueTest, ErasingLeavesTheRest) {
  TomlTable table = Parsed("a = 1\n[b]\n[c]\nd = 1\n");
  Erase(table, "a");
  Erase(table, "not there");
  EraseIfEmpty(table, "b");
  EraseIfEmpty(table, "c");
  EXPECT_EQ(PrintToml(table), "[c]\nd = 1\n");
}

TEST(TomlValueTest, LinesNameEveryLeafWithItsPath) {
  const TomlTable table = Parsed("[a.\"x.y\"]\nb = [1, 2]\nc = {}\n[d]\n");
  EXPECT_THAT(TomlLines(table, "p: "),
              ElementsAre("p: a.\"x.y\".b = [1, 2]", "p: a.\"x.y\".c = {}", "p: d = {}"));
}

// Random trees, printed and parsed again.
class TreeMaker {
 public:
  explicit TreeMaker(std::uint64_t seed) : random_(seed) {}

  TomlTable Table(int depth) {
    TomlTable table;
    const int keys = Below(5);
    for (int i = 0; i < keys; ++i) table.emplace(Text(), Value(depth + 1));
    return table;
  }

 private:
  TomlValue Value(int depth) {
    switch (Below(depth < 6 ? 8 : 5)) {
      case 0:
        return {Below(2) == 1};
      case 1:
        return {static_cast<std::int64_t>(random_())};
      case 2:
        return {std::ldexp(static_cast<double>(random_()), Below(200) - 100)};
      case 3:
        return {TomlDate{"2024-01-0" + std::to_string(1 + Below(9))}};
      case 4:
        return TomlString(Text());
      case 5: {
        TomlArray items;
        for (int i = Below(4); i > 0; --i) items.push_back(Value(depth + 1));
        return {items};
      }
      default:
        return {Table(depth)};
    }
  }
  std::string Text() {
    constexpr std::string_view kPieces[] = {"a",  "b-c", "_", ".", "\"", "'",    "\\",   " ",
                                            "\n", "\t",  "#", "[", "ü",  "\x7F", "\x01", "="};
    std::string text;
    for (int i = Below(4); i > 0; --i) text += kPieces[Below(16)];
    return text;
  }
  int Below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }

  std::mt19937_64 random_;
};

TEST(TomlValueTest, PrintedTreesParseToThemselves) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    const TomlTable table = TreeMaker(seed).Table(0);
    const std::string text = PrintToml(table);
    const absl::StatusOr<TomlTable> parsed = ParseToml(text);
    ASSERT_THAT(parsed, IsOk()) << "seed " << seed << "\n" << text;
    ASSERT_TRUE(*parsed == table) << "seed " << seed << "\n" << text;
    ASSERT_EQ(PrintToml(*parsed), text) << "seed " << seed;
  }
}

}  // namespace
}  // namespace depcache
