#include "cache/base/random.h"

#include <set>

#include <gtest/gtest.h>

namespace depcache::testing {
namespace {

TEST(RandomBytesTest, HasTheSizeAskedForAndDoesNotRepeat) {
  EXPECT_EQ(RandomBytes(0), "");
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(RandomBytes(16).size(), 16);
    seen.insert(RandomBytes(16));
  }
  EXPECT_EQ(seen.size(), 1000);
}

}  // namespace
}  // namespace depcache::testing
