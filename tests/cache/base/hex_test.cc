#include "cache/base/hex.h"

#include <gtest/gtest.h>

namespace depcache::testing {
namespace {

TEST(HexTest, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  const std::string hex = ToHex(bytes);
  EXPECT_EQ(hex.substr(0, 8), "00010203");
  EXPECT_EQ(hex.substr(504), "fcfdfeff");
  EXPECT_EQ(FromHex(hex), bytes);
  EXPECT_EQ(FromHex(""), "");
}

TEST(HexTest, AnythingElseIsRefused) {
  for (const char* text : {"0", "000", "0G", "G0", "AB", " 0", "0x", "/0", ":0", "`0", "g0"}) {
    EXPECT_EQ(FromHex(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace depcache::testing
