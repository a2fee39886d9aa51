#include "cache/layer/rooted_text.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

// \x01 and \x02 as < and >, so that texts can be read.
std::string Shown(std::string text) {
  for (char& byte : text) {
    if (byte == '\x01') byte = '<';
    if (byte == '\x02') byte = '>';
  }
  return text;
}

RootMap Machine() {
  RootMap roots;
  roots.Add(Root::kHome, "/home/ann");
  roots.Add(Root::kCargoHome, "/home/ann/.cargo");
  roots.Add(Root::kWorkspace, "/home/ann/app");
  roots.Add(Root::kTargetDir, "/home/ann/app/target");
  return roots;
}

std::string Rooted(std::string_view text) {
  const auto rooted = ToRooted(text, Machine());
  EXPECT_THAT(rooted, IsOk());
  return rooted.ok() ? Shown(*rooted) : "";
}

TEST(RootedTextTest, TheLongestRootWins) {
  EXPECT_EQ(Rooted("/home/ann/app/target/debug"), "<t>/debug");
  EXPECT_EQ(Rooted("/home/ann/app/src"), "<w>/src");
  EXPECT_EQ(Rooted("/home/ann/.cargo/registry:/home/ann"), "<c>/registry:<h>");
}

TEST(RootedTextTest, TheEarlierOfEqualRootsWins) {
  RootMap roots;
  roots.Add(Root::kWorkspace, "/build");
  roots.Add(Root::kHome, "/build/");
  EXPECT_EQ(Shown(*ToRooted("/build/x", roots)), "<w>/x");
}

TEST(RootedTextTest, RootsStandAtPathBoundariesOnly) {
  EXPECT_EQ(Rooted("/home/annabel /home/ann.old /home/ann-2"),
            "/home/annabel /home/ann.old /home/ann-2");
  EXPECT_EQ(Rooted("/mnt/home/ann"), "/mnt/home/ann");
  EXPECT_EQ(Rooted("x/home/ann"), "x/home/ann");
  EXPECT_EQ(Rooted("$(pwd)/home/ann ${D}/home/ann </home/ann>"),
            "$(pwd)/home/ann ${D}/home/ann </home/ann>");
  EXPECT_EQ(Rooted("//home/ann file:///home/ann"), "/<h> file://<h>");
  EXPECT_EQ(Rooted("It is in /home/ann."), "It is in <h>.");
  EXPECT_EQ(Rooted("/home/ann\xc3\xa9/x"), "/home/ann\xc3\xa9/x");
  EXPECT_EQ(Rooted("-L/home/ann -isystem/home/ann/app"), "-L<h> -isystem<w>");
  EXPECT_EQ(Rooted("native=/home/ann/app"), "native=<w>");
  EXPECT_EQ(Rooted("\"/home/ann\",'/home/ann' (/home/ann)"), "\"<h>\",'<h>' (<h>)");
}

TEST(RootedTextTest, WhatMayBeNoRootIsIgnored) {
  RootMap roots;
  for (const char* path : {"/", "//", "", "/ab", "/ab/", "relative/path", "abcdef"}) {
    roots.Add(Root::kTemp, path);
  }
  EXPECT_TRUE(roots.by_length().empty());
  EXPECT_EQ(roots.PathOf(Root::kTemp), std::nullopt);
  roots.Add(Root::kTemp, "/tmp///");
  EXPECT_EQ(roots.PathOf(Root::kTemp), "/tmp");
}

TEST(RootedTextTest, TextWithThePlaceholdersByteIsRefused) {
  EXPECT_THAT(ToRooted("a\x01", Machine()), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ToRooted("a\x02", Machine()), IsOk());
}

TEST(RootedTextTest, AnotherMachineGetsItsOwnPaths) {
  RootMap other;
  other.Add(Root::kTargetDir, "/ci/a b/target");
  other.Add(Root::kHome, "/root");
  EXPECT_THAT(FromRooted(*ToRooted("/home/ann/app/target/x /home/ann", Machine()), other),
              IsOkAndHolds(std::string("/ci/a b/target/x /root")));
  EXPECT_THAT(FromRooted(*ToRooted("/home/ann/.cargo", Machine()), other),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(RootedTextTest, MalformedPlaceholdersAreRefused) {
  for (const std::string text : {"\x01", "\x01w", "\x01\x02", "\x01ww\x02", "x\x01w x"}) {
    EXPECT_THAT(FromRooted(text, Machine()), StatusIs(absl::StatusCode::kInvalidArgument))
        << Shown(text);
  }
  EXPECT_THAT(FromRooted("\x01z\x02", Machine()), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(RootedTextTest, LettersOfRootsNeverChange) {
  const std::vector<Root> all = {
      Root::kWorkspace, Root::kTargetDir,  Root::kBuildDir, Root::kPackage, Root::kRegistrySrc,
      Root::kCargoHome, Root::kRustupHome, Root::kSysroot,  Root::kHome,    Root::kTemp};
  std::string letters;
  for (const Root root : all) letters += Placeholder(root);
  EXPECT_EQ(Shown(letters), "<w><t><b><p><r><c><u><s><h><m>");
}

TEST(RootedTextTest, WhatWasRootedComesBack) {
  static constexpr std::string_view kPieces[] = {"/home/ann", "/app", "/target", "/.cargo",  "/",
                                                 "x",         " ",    ":",       "\xc3\xa9", ".", "-L"};
  std::mt19937_64 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (std::size_t n = random() % 12; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
    const auto rooted = ToRooted(text, Machine());
    ASSERT_THAT(rooted, IsOk());
    ASSERT_THAT(FromRooted(*rooted, Machine()), IsOkAndHolds(text)) << text;
  }
}

}  // namespace
}  // namespace depcache::testing
