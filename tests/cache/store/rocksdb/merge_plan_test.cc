#include "cache/store/rocksdb/merge_plan.h"

#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace depcache::testing {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

std::optional<FileRun> Plan(std::vector<std::uint64_t> newest_first) {
  return PlanMerge(newest_first);
}

TEST(MergePlanTest, FewFilesAreLeftAlone) {
  EXPECT_EQ(Plan({}), std::nullopt);
  EXPECT_EQ(Plan({5}), std::nullopt);
  EXPECT_EQ(Plan(std::vector<std::uint64_t>(kMinMergeFiles - 1, 5)), std::nullopt);
}

TEST(MergePlanTest, ManyEqualFilesAreMergedAtOnce) {
  EXPECT_EQ(Plan(std::vector<std::uint64_t>(30, 5)), (FileRun{0, 30}));
}

TEST(MergePlanTest, LargeOldFileIsNotRewrittenForSmallNewOnes) {
  std::vector<std::uint64_t> files(kMinMergeFiles, 1000);
  files.push_back(100 * kMiB);
  EXPECT_EQ(Plan(files), (FileRun{0, kMinMergeFiles}));
}

TEST(MergePlanTest, SmallFilesBehindALargeOneAreMerged) {
  std::vector<std::uint64_t> files = {100 * kMiB};
  files.insert(files.end(), kMinMergeFiles, 90 * kMiB / kMinMergeFiles);
  EXPECT_EQ(Plan(files), (FileRun{1, kMinMergeFiles}));
}

TEST(MergePlanTest, MergedFileStaysBelowTheLimit) {
  EXPECT_EQ(Plan(std::vector<std::uint64_t>(12, 32 * kMiB)), std::nullopt);
  const auto run = Plan(std::vector<std::uint64_t>(40, 5 * kMiB));
  ASSERT_TRUE(run.has_value());
  EXPECT_LE(run->count * 5 * kMiB, kMaxMergeBytes);
}

TEST(MergePlanTest, UnmergeableFileParts) {
  std::vector<std::uint64_t> files(2 * kMinMergeFiles, 1000);
  files[kMinMergeFiles - 1] = kUnmergeable;
  EXPECT_EQ(Plan(files), (FileRun{kMinMergeFiles, kMinMergeFiles}));
}

// Commits of random sizes, merged as planned.
TEST(MergePlanTest, NumberOfFilesAndRewrittenBytesStayBounded) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (const int max_bits : {10, 16, 24}) {
    std::vector<std::uint64_t> files;
    double written = 0, rewritten = 0;
    std::size_t most_small = 0;
    for (int commit = 0; commit < 3000; ++commit) {
      const std::uint64_t size = 1000 + (1ULL << (random() % static_cast<unsigned>(max_bits)));
      files.insert(files.begin(), size);
      written += static_cast<double>(size);
      while (const auto run = PlanMerge(files)) {
        const auto first = files.begin() + static_cast<std::ptrdiff_t>(run->first);
        const auto end = first + static_cast<std::ptrdiff_t>(run->count);
        const std::uint64_t sum = std::accumulate(first, end, std::uint64_t{0});
        ASSERT_LE(sum, kMaxMergeBytes);
        ASSERT_GE(run->count, kMinMergeFiles);
        rewritten += static_cast<double>(sum);
        files.insert(files.erase(first, end), sum);
      }
      std::size_t small = 0;
      for (const std::uint64_t file : files) small += file < kMaxMergeBytes / 8 ? 1 : 0;
      most_small = std::max(most_small, small);
    }
    EXPECT_LE(most_small, 40u) << max_bits;
    EXPECT_LE(rewritten / written, 9) << max_bits;
    std::printf("sizes to 2^%d: at most %zu small files, each byte rewritten %.1f times\n",
                max_bits, most_small, rewritten / written);
  }
}

}  // namespace
}  // namespace depcache::testing
