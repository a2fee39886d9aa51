#include "cache/cargo/sip_hasher.h"

#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace depcache {
namespace {

TEST(SipHasherTest, NothingHashesAsCargoHashesIt) {
  EXPECT_EQ(SipHasher().Finish(), 2069994364910194474u);
}

TEST(SipHasherTest, PathsHashAsCargoHashesThem) {
  EXPECT_EQ(PathHash("/usr/local/cargo/registry/src/index.crates.io-1949cf8c6b5b557f/"
                     "serde-1.0.228/src/lib.rs"),
            10050862470560562033u);
  EXPECT_EQ(PathHash("/home/ci/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/"
                     "serde-1.0.228/src/lib.rs"),
            15188643764388044782u);
  EXPECT_EQ(PathHash("src/main.rs"), 4942398508502643691u);
}

TEST(SipHasherTest, SpellingsOfOnePathHashAlike) {
  EXPECT_EQ(PathHash("/a/b/c"), 984980798531926045u);
  EXPECT_EQ(PathHash("/a/./b//c"), 984980798531926045u);
  EXPECT_EQ(PathHash("/a/b/c/"), 984980798531926045u);
  EXPECT_EQ(PathHash("/a/b/c/."), 984980798531926045u);
  EXPECT_NE(PathHash("/a/bc"), 984980798531926045u);
  // A "." at the start is a component, "..", and what begins with it, always.
  EXPECT_NE(PathHash("./a"), PathHash("a"));
  EXPECT_NE(PathHash("a/../b"), PathHash("a/b"));
  EXPECT_NE(PathHash("a/.b"), PathHash("a/b"));
}

TEST(SipHasherTest, CompilerVersionHashesAsInFingerprints) {
  EXPECT_EQ(StrHash("rustc 1.95.0 (59807616e 2026-04-14)\n"
                    "binary: rustc\n"
                    "commit-hash: 59807616e1fa2540724bfbac14d7976d7e4a3860\n"
                    "commit-date: 2026-04-14\n"
                    "host: x86_64-unknown-linux-gnu\n"
                    "release: 1.95.0\n"
                    "LLVM version: 22.1.2\n"),
            7458672600737419911u);
}

TEST(SipHasherTest, SmallDiscriminantsTakeOneByteAndOthersNine) {
  SipHasher small;
  small.Isize(0xFE);
  SipHasher byte;
  byte.U8(0xFE);
  EXPECT_EQ(small.Finish(), byte.Finish());

  for (const std::int64_t value :
       {std::int64_t{0xFF}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    SipHasher large;
    large.Isize(value);
    SipHasher bytes;
    bytes.U8(0xFF);
    bytes.U64(static_cast<std::uint64_t>(value));
    EXPECT_EQ(large.Finish(), bytes.Finish()) << value;
  }
}

TEST(SipHasherTest, StringsDoNotRunTogether) {
  SipHasher a;
  a.Str("ab");
  a.Str("c");
  SipHasher b;
  b.Str("a");
  b.Str("bc");
  EXPECT_NE(a.Finish(), b.Finish());
}

TEST(SipHasherTest, EveryLengthOfTailCounts) {
  std::string text;
  std::uint64_t last = SipHasher().Finish();
  for (int i = 0; i < 40; ++i) {
    text += '\0';
    SipHasher whole;
    whole.Bytes(text);
    EXPECT_NE(whole.Finish(), last) << i;
    last = whole.Finish();
    // In two pieces the same.
    SipHasher pieces;
    pieces.Bytes(text.substr(0, text.size() / 2));
    pieces.Bytes(text.substr(text.size() / 2));
    EXPECT_EQ(pieces.Finish(), last) << i;
  }
}

TEST(SipHasherTest, HashTextIsLittleEndian) {
  EXPECT_EQ(HashText(16836380982463485975u), "17d8e0f24cd7a6e9");
  EXPECT_EQ(HashText(1), "0100000000000000");
}

}  // namespace
}  // namespace depcache
