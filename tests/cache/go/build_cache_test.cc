#include "cache/go/build_cache.h"

#include <gtest/gtest.h>

namespace depcache {
namespace {

// Written by go1.19.8 for `go build -trimpath`.
constexpr char kAction[] = "4d0dd6ccb7ee7ab9c7f0cf6d8d4a5ee6fb8ad3ac9a2b8e6b9a2c21a0a54dbcd4";
constexpr char kOutput[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string FileOf(const std::string& size, const std::string& time) {
  return std::string("v1 ") + kAction + " " + kOutput + " " + size + " " + time + "\n";
}

TEST(BuildCacheTest, ReadsWhatGoWrites) {
  const std::string text = FileOf("               48152", " 1700000000123456789");
  const std::optional<BuildCacheEntry> entry = ParseActionFile(text);
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(*entry, (BuildCacheEntry{kAction, kOutput, 48152}));
}

TEST(BuildCacheTest, EntriesAreWrittenWithoutTheirTime) {
  const BuildCacheEntry entry{kAction, kOutput, 48152};
  EXPECT_EQ(ActionFileText(entry), FileOf("               48152", "                   0"));
  EXPECT_EQ(ParseActionFile(ActionFileText(entry)), entry);
}

TEST(BuildCacheTest, WhatIsNoEntryIsRefused) {
  const std::string good = FileOf("                   1", "                   1");
  ASSERT_TRUE(ParseActionFile(good).has_value());
  EXPECT_FALSE(ParseActionFile(""));
  EXPECT_FALSE(ParseActionFile(good + " "));
  EXPECT_FALSE(ParseActionFile("v2" + good.substr(2)));
  EXPECT_FALSE(ParseActionFile(FileOf("                  -1", "                   1")));
  EXPECT_FALSE(ParseActionFile(FileOf("                 0x1", "                   1")));
  EXPECT_FALSE(ParseActionFile(FileOf("                    ", "                   1")));
  for (const std::size_t at : {std::size_t{3}, std::size_t{67}, std::size_t{68}, good.size() - 1}) {
    std::string bad = good;
    bad[at] = 'X';
    EXPECT_FALSE(ParseActionFile(bad)) << at;
  }
}

TEST(BuildCacheTest, FilesLieByTheirFirstTwoDigits) {
  EXPECT_EQ(ActionFilePath(kAction), std::string("4d/") + kAction + "-a");
  EXPECT_EQ(OutputFilePath(kOutput), std::string("e3/") + kOutput + "-d");
}

TEST(BuildCacheTest, ABuildIdHoldsTheBeginningOfTheAction) {
  // base64url of 00 01 .. 0e, and of ff twice fifteen times.
  EXPECT_EQ(ActionPrefix("AAECAwQFBgcICQoLDA0O/x"), "000102030405060708090a0b0c0d0e");
  EXPECT_EQ(ActionPrefix("____________________/____________________"),
            "ffffffffffffffffffffffffffffff");
  EXPECT_FALSE(ActionPrefix(""));
  EXPECT_FALSE(ActionPrefix("AAECAwQFBgcICQoLDA0/x")) << "too short";
  EXPECT_FALSE(ActionPrefix("AAECAwQFBgcICQoL++0O/x")) << "another alphabet";
}

// SHA-256 of "subkey:", the raw ID, the name.
TEST(BuildCacheTest, SubkeysAreHashesOverTheRawId) {
  EXPECT_EQ(SubkeyOf(kAction, "stdout").size(), 64U);
  EXPECT_NE(SubkeyOf(kAction, "stdout"), SubkeyOf(kAction, "srcfiles"));
  EXPECT_NE(SubkeyOf(kAction, "stdout"), SubkeyOf(kOutput, "stdout"));
  EXPECT_EQ(SubkeyOf(std::string(64, '0'), "stdout"),
            "09faffe22b4d61ac89ebe94e1e8f3e2d2c67ae653cc00b87d9a1fee1584f20f4");
}

}  // namespace
}  // namespace depcache
