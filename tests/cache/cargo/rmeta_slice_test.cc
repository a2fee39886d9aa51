#include "cache/cargo/rmeta_slice.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/cache/cargo/elf_builder.h"

namespace depcache {
namespace {

using ::depcache::testing::MakeArchive;
using ::depcache::testing::MakeElf;

std::string Metadata() {
  std::string bytes("rust\0\0\0\x0a", 8);
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i * 7);
  return bytes;
}

TEST(RmetaSliceTest, IsFoundWhereverItLies) {
  const std::string rmeta = Metadata();
  const std::string rlib =
      MakeArchive({{"a.o", MakeElf({{.name = ".text", .bytes = "x"}})},
                   {"lib.rmeta", MakeElf({{.name = ".rmeta", .bytes = rmeta}})}});
  const auto at = FindRmeta(rlib, rmeta);
  ASSERT_TRUE(at.has_value());
  EXPECT_EQ(rlib.substr(*at, rmeta.size()), rmeta);
  EXPECT_EQ(FindRmeta(rmeta, rmeta), 0u);
}

TEST(RmetaSliceTest, TheBeginningAloneIsNotEnough) {
  const std::string rmeta = Metadata();
  std::string other = rmeta;
  other.back() = static_cast<char>(other.back() + 1);
  EXPECT_EQ(FindRmeta("x" + other + rmeta, rmeta), 1 + other.size());
  EXPECT_EQ(FindRmeta("x" + other, rmeta), std::nullopt);
  EXPECT_EQ(FindRmeta("x" + rmeta.substr(0, rmeta.size() - 1), rmeta), std::nullopt);
}

TEST(RmetaSliceTest, ShortAndEmptyInputs) {
  EXPECT_EQ(FindRmeta("abc", "bc"), 1u);
  EXPECT_EQ(FindRmeta("abc", "abcd"), std::nullopt);
  EXPECT_EQ(FindRmeta("", "a"), std::nullopt);
  EXPECT_EQ(FindRmeta("abc", ""), std::nullopt);
}

}  // namespace
}  // namespace depcache
