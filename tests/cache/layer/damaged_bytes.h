// Every damaged form of some stored bytes, for decoders which must refuse it or
// read another value.

#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace depcache::testing {

// `decode` gives a StatusOr of a value that Encode takes. What is accepted must
// be what was read: written again it is the same bytes, so never the original.
template <typename Decode>
void ExpectDamageIsSeen(std::string_view whole, const Decode& decode) {
  const auto check = [&](const std::string& damaged, std::string_view how, std::size_t at) {
    const auto value = decode(damaged);
    if (value.ok()) {
      EXPECT_EQ(Encode(*value), damaged) << how << " at " << at;
    }
  };
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int mask : {0x01, 0x80, 0xff}) {
      std::string damaged(whole);
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      check(damaged, "flip", at);
    }
    // Any length or count far beyond what is there.
    for (const char byte : {'\x7f', '\xff'}) {
      std::string damaged(whole);
      for (std::size_t i = at; i < at + 4 && i < damaged.size(); ++i) damaged[i] = byte;
      check(damaged, "length", at);
    }
    EXPECT_FALSE(decode(std::string(whole.substr(0, at))).ok()) << "cut at " << at;
    std::string longer(whole);
    longer.insert(at, 1, '\x01');
    check(longer, "insert", at);
  }
  EXPECT_FALSE(decode(std::string(whole) + '\0').ok()) << "a byte too many";
}

}  // namespace depcache::testing
