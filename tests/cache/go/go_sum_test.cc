#include "cache/go/go_sum.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::StatusIs;

// Written by go1.19.8 for a go.mod with these bytes.
constexpr char kMod[] = "module example.com/leaf\n\ngo 1.19\n";
constexpr char kModSum[] = "h1:1MaTp9sHanA3qb9z/5k/UYuLLKsV++jc3n6qZdkBhuA=";
constexpr char kZipSum[] = "h1:l7HhpeTn4VSwGRRTv6wP8VgY3BcAlkcTI2Y6j5Gpkfo=";

std::string Lines() {
  return std::string("example.com/leaf v1.0.0 ") + kZipSum + "\nexample.com/leaf v1.0.0/go.mod " +
         kModSum + "\n";
}

TEST(GoSumTest, TheSumOfAGoModIsGosOwn) { EXPECT_EQ(SumText(GoModSum(kMod)), kModSum); }

TEST(GoSumTest, LinesOfOneVersionComeTogether) {
  const absl::StatusOr<GoSum> sums = ParseGoSum(Lines());
  ASSERT_TRUE(sums.ok()) << sums.status();
  ASSERT_EQ(sums->size(), 1U);
  const GoModuleSums& found = sums->at({"example.com/leaf", "v1.0.0"});
  EXPECT_EQ(found.mod, GoModSum(kMod));
  EXPECT_EQ(found.zip, ParseSum(kZipSum));
  EXPECT_EQ(GoSumText(*sums), Lines());
}

TEST(GoSumTest, OtherHashesAndEmptyLinesArePassedOver) {
  const auto sums = ParseGoSum("\na v1.0.0 h2:whatever\n\n");
  ASSERT_TRUE(sums.ok());
  EXPECT_TRUE(sums->empty());
}

TEST(GoSumTest, DamagedLinesAreRefused) {
  for (const std::string& text :
       {std::string("a v1.0.0\n"), std::string("a v1.0.0 h1:AAAA\n"),
        "a v1.0.0 " + std::string(kModSum) + "=\n",
        "a v1.0.0 " + std::string(kModSum) + "\na v1.0.0 " + kZipSum + "\n"}) {
    EXPECT_THAT(ParseGoSum(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(GoSumTest, ASumIsWrittenInOneWayOnly) {
  EXPECT_TRUE(ParseSum(kModSum).has_value());
  EXPECT_FALSE(ParseSum(std::string(kModSum) + "\n"));
  // The last digit before '=' has two bits that count for nothing.
  std::string other = kModSum;
  other[other.size() - 2] = 'B';
  EXPECT_FALSE(ParseSum(other));
}

}  // namespace
}  // namespace depcache
