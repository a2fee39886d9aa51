#include "cache/recipe/version_order.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace depcache {
namespace {

TEST(VersionOrderTest, VersionsStandInTheOrderOfTheirPrecedence) {
  const std::vector<std::string_view> ordered = {
      "0.0.1",
      "0.2.9",
      "0.2.10",
      "0.10.0",
      "1.0.0-1",
      "1.0.0-2",
      "1.0.0-10",
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-alpha.beta",
      "1.0.0-beta",
      "1.0.0-rc.1",
      "1.0.0",
      "1.0.0+2",
      "1.0.0+10",
      "1.0.0+a",
      "1.0.1",
      "2.0.0",
      "99999999999999999999999.0.0",
  };
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t j = 0; j < ordered.size(); ++j) {
      const int order = CompareVersions(ordered[i], ordered[j]);
      EXPECT_EQ(order < 0, i < j) << ordered[i] << " " << ordered[j];
      EXPECT_EQ(order > 0, i > j) << ordered[i] << " " << ordered[j];
    }
  }
}

TEST(VersionOrderTest, TextsThatAreNoVersionsHaveAPlaceToo) {
  EXPECT_LT(CompareVersions("", "1"), 0);
  EXPECT_LT(CompareVersions("1", "x"), 0);
  EXPECT_EQ(CompareVersions("-", "-"), 0);
  EXPECT_EQ(CompareVersions("x.y", "x.y"), 0);
}

}  // namespace
}  // namespace depcache
