#include "cache/cargo/index_cache.h"

#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;

constexpr std::string_view kLine =
    R"({"name":"itoa","vers":"1.0.15","deps":[{"name":"x","features":["a"]}],"cksum":"4a5f",)"
    R"("features":{},"yanked":false})";

// A file as Cargo writes it, header included.
std::string File() {
  std::string file("\x03\x02\0\0\0etag: \"5e\"\0", 16);
  file += std::string("1.0.14\0{\"a\":1}\0", 15);
  file += "1.0.15";
  file += '\0';
  file += kLine;
  file += '\0';
  return file;
}

IndexCache Parsed() {
  return {.revision = "etag: \"5e\"",
          .entries = {{"1.0.14", "{\"a\":1}"}, {"1.0.15", std::string(kLine)}}};
}

TEST(IndexCacheTest, ReadsAndWritesCargosFile) {
  EXPECT_THAT(ParseIndexCache(File()), IsOkAndHolds(Parsed()));
  EXPECT_EQ(Serialize(Parsed()), File());
}

TEST(IndexCacheTest, AFileOfOneVersionHasAnUnknownRevision) {
  EXPECT_EQ(Serialize({.entries = {{"1.0.0", "{}"}}}), std::string("\x03\x02\0\0\0Unknown\0"
                                                                   "1.0.0\0{}\0",
                                                                   22));
}

TEST(IndexCacheTest, FindsOneLine) {
  EXPECT_THAT(FindIndexLine(File(), "1.0.14"), IsOkAndHolds("{\"a\":1}"));
  EXPECT_THAT(FindIndexLine(File(), "1.0.1"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(FindIndexLine("", "1.0.1"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(FindIndexLine(File().substr(0, 40), "1.0.15"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(IndexCacheTest, MergingKeepsWhatIsThere) {
  const IndexCache merged =
      Merged(Parsed(), {{"1.0.15", "{}"}, {"1.0.16", "{\"b\":2}"}, {"1.0.16", "{}"}});
  IndexCache want = Parsed();
  want.entries.push_back({"1.0.16", "{\"b\":2}"});
  EXPECT_EQ(merged, want);
}

TEST(IndexCacheTest, RefusesOtherVersions) {
  for (std::size_t at = 0; at < 5; ++at) {
    std::string file = File();
    file[at] = static_cast<char>(file[at] + 1);
    EXPECT_THAT(ParseIndexCache(file), StatusIs(absl::StatusCode::kInvalidArgument)) << at;
  }
}

TEST(IndexCacheTest, RefusesEveryTruncationThatCutsAnEntry) {
  const std::string file = File();
  for (std::size_t size = 0; size < file.size(); ++size) {
    if (size == 16 || size == 31) continue;  // whole entries
    EXPECT_THAT(ParseIndexCache(file.substr(0, size)), StatusIs(absl::StatusCode::kInvalidArgument))
        << size;
  }
}

TEST(IndexCacheTest, WhatItAcceptsItWritesBack) {
  for (unsigned seed = 0; seed < 20000; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = File();
    for (unsigned i = 0; i <= random() % 3; ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (const absl::StatusOr<IndexCache> cache = ParseIndexCache(bytes); cache.ok()) {
      ASSERT_EQ(Serialize(*cache), bytes) << "seed " << seed;
    }
  }
}

TEST(IndexCacheTest, ALineSaysWhatItIsOf) {
  const IndexLine want = {.name = "itoa", .version = "1.0.15", .checksum = "4a5f"};
  EXPECT_THAT(ParseIndexLine(kLine), IsOkAndHolds(want));
}

TEST(IndexCacheTest, RefusesLinesThatAreNone) {
  const auto with = [](std::string_view from, std::string_view to) {
    std::string line(kLine);
    line.replace(line.find(from), from.size(), to);
    return line;
  };
  for (const std::string& line :
       {std::string(), std::string("{}"), with("\"vers\"", "\"v\""), with("\"itoa\"", "1"),
        with("itoa", "../itoa"), with("1.0.15", "x"), with("cksum", "sum"), with(",", ",\n"),
        with(",", std::string_view(",\0", 2)), std::string(2 << 20, ' ')}) {
    EXPECT_THAT(ParseIndexLine(line), StatusIs(absl::StatusCode::kInvalidArgument))
        << line.substr(0, 80);
  }
}

}  // namespace
}  // namespace depcache
