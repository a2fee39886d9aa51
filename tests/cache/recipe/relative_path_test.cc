#include "cache/recipe/relative_path.h"

#include <string>

#include <gtest/gtest.h>

namespace depcache {
namespace {

TEST(RelativePathTest, OnlyPathsThatStayBelowTheirFolderAreSafe) {
  for (const std::string_view path : {"a", "a/b", "a b/c.rs", ".hidden/x", "ü/..x", "a..b"}) {
    EXPECT_TRUE(IsSafeRelativePath(path)) << path;
  }
  for (const std::string_view path : {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a",
                                      "a/./b", "a/../../b", "a\\b", "C:/a", "a\nb", "a\x7F"}) {
    EXPECT_FALSE(IsSafeRelativePath(path)) << path;
  }
  EXPECT_FALSE(IsSafeRelativePath(std::string_view("a\0b", 3)));
  EXPECT_TRUE(IsSafeRelativePath(std::string(kMaxPathBytes, 'a')));
  EXPECT_FALSE(IsSafeRelativePath(std::string(kMaxPathBytes + 1, 'a')));
}

TEST(RelativePathTest, JoiningTakesDotsOutAndStopsAtTheRoot) {
  EXPECT_EQ(JoinInside("crates/app", "../core"), "crates/core");
  EXPECT_EQ(JoinInside("crates/app", "./x/../y/"), "crates/app/y");
  EXPECT_EQ(JoinInside("crates/app", "../.."), "");
  EXPECT_EQ(JoinInside("", "a//b"), "a/b");
  EXPECT_EQ(JoinInside("crates/app", "../../.."), std::nullopt);
  EXPECT_EQ(JoinInside("crates/app", "../../../work/crates/core"), std::nullopt);
  EXPECT_EQ(JoinInside("a", "/a/b"), std::nullopt);
  EXPECT_EQ(JoinInside("a", std::string(kMaxPathBytes + 1, '/')), std::nullopt);
}

TEST(RelativePathTest, AParentIsEverythingBeforeTheLastSlash) {
  EXPECT_EQ(ParentPath("a/b/c"), "a/b");
  EXPECT_EQ(ParentPath("c"), "");
  EXPECT_EQ(JoinPath("", "c"), "c");
  EXPECT_EQ(JoinPath("a/b", "c"), "a/b/c");
}

}  // namespace
}  // namespace depcache
