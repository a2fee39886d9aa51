#include "cache/store/catalog.h"

#include <set>

#include <gtest/gtest.h>

#include "cache/base/hex.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

TEST(ScopeKeyTest, Version1Vectors) {
  // First 16 bytes of sha256sum over "depcache.scope.v1\n", then each name
  // behind its length as four bytes.
  EXPECT_EQ(ToHex(ScopeKeyOf("", "").AsBytes()), "4cc49285085490de6031e4ff7dd05eb6");
  EXPECT_EQ(ToHex(ScopeKeyOf("team", "main").AsBytes()), "d332c9d019f4f77b028bc5a93c58256b");
  EXPECT_EQ(ToHex(ScopeKeyOf("default", "pr/7").AsBytes()), "d6fa9ce0281b99aaf24a89693d433a9c");
}

TEST(ScopeKeyTest, NamesDoNotRunIntoEachOther) {
  std::set<ScopeKey> keys;
  EXPECT_TRUE(keys.insert(ScopeKeyOf("ab", "c")).second);
  EXPECT_TRUE(keys.insert(ScopeKeyOf("a", "bc")).second);
  EXPECT_TRUE(keys.insert(ScopeKeyOf("abc", "")).second);
  EXPECT_TRUE(keys.insert(ScopeKeyOf("", "abc")).second);
  EXPECT_TRUE(keys.insert(ScopeKeyOf(std::string_view("ab\0", 3), "c")).second);
}

TEST(CommitLimitsTest, EmptyAndFullBatchesPass) {
  CommitBatch batch;
  EXPECT_THAT(CheckLimits(batch), IsOk());
  batch.layer = LayerRecord{};
  batch.layer->index.resize(kMaxIndexBlobs);
  batch.layer->trace.resize(kMaxTraceParts);
  batch.layer->principal = std::string(4096, 'x');
  EXPECT_THAT(CheckLimits(batch), IsOk());
}

TEST(CommitLimitsTest, MessageNamesWhatIsTooMany) {
  CommitBatch batch;
  batch.layer = LayerRecord{};
  batch.layer->trace.resize(kMaxTraceParts + 1);
  const absl::Status status = CheckLimits(batch);
  EXPECT_EQ(status.message(), "65537 trace parts are above the limit of 65536");
}

}  // namespace
}  // namespace depcache::testing
