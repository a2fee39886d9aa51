#include "cache/cargo/dep_info.h"

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/base/hex.h"
#include "tests/cache/cargo/samples.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::ReadTable;
using ::depcache::testing::StatusIs;

DepInfo Everything() {
  return {.files = {{DepInfoRoot::kPackage, "src/é.rs", DepInfoChecksum{70000, "blake3=00"}},
                    {DepInfoRoot::kBuildDir, "/abs/\xff", std::nullopt},
                    {DepInfoRoot::kPackage, "", std::nullopt}},
          .variables = {{"B", "2"}, {"A", std::nullopt}, {"", ""}}};
}

class RecordedDepInfo : public ::testing::TestWithParam<const char*> {};

TEST_P(RecordedDepInfo, IsReadAndWrittenBack) {
  for (const std::vector<std::string>& row : ReadTable(GetParam())) {
    const std::string bytes = FromHex(row.at(1)).value();
    const absl::StatusOr<DepInfo> info = ParseDepInfo(bytes);
    ASSERT_THAT(info, IsOk()) << row[0];
    EXPECT_FALSE(info->files.empty() && info->variables.empty());
    EXPECT_EQ(Serialize(*info), bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(, RecordedDepInfo,
                         ::testing::Values("classic/dep_infos.txt", "v2/dep_infos.txt"));

TEST(DepInfoTest, ReadsWhatACrateReadOfItsEnvironment) {
  for (const std::vector<std::string>& row : ReadTable("classic/dep_infos.txt")) {
    if (!row[0].ends_with("dep-lib-gdep")) continue;
    const DepInfo want = {.files = {}, .variables = {{"GDEP_TAG", "/home/ci/tag"}}};
    EXPECT_THAT(ParseDepInfo(FromHex(row.at(1)).value()), IsOkAndHolds(want));
    return;
  }
  FAIL() << "the sample has no gdep";
}

TEST(DepInfoTest, EveryEntryIsWrittenBack) {
  EXPECT_THAT(ParseDepInfo(Serialize(Everything())), IsOkAndHolds(Everything()));
  EXPECT_THAT(ParseDepInfo(Serialize({})), IsOkAndHolds(DepInfo{}));
}

TEST(DepInfoTest, SortedDoesNotDependOnTheOrderRead) {
  DepInfo shuffled = Everything();
  std::swap(shuffled.files[0], shuffled.files[2]);
  std::swap(shuffled.variables[0], shuffled.variables[1]);
  EXPECT_NE(Serialize(shuffled), Serialize(Everything()));
  EXPECT_EQ(Serialize(Sorted(shuffled)), Serialize(Sorted(Everything())));
  EXPECT_EQ(Sorted(Everything()).files.size(), 3u);
}

TEST(DepInfoTest, RefusesOtherVersions) {
  for (const std::size_t at : {0u, 4u, 5u}) {
    std::string bytes = Serialize(Everything());
    bytes[at] = static_cast<char>(bytes[at] + 1);
    EXPECT_THAT(ParseDepInfo(bytes), StatusIs(absl::StatusCode::kInvalidArgument)) << at;
  }
}

TEST(DepInfoTest, RefusesEveryTruncationAndMore) {
  const std::string bytes = Serialize(Everything());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(ParseDepInfo(bytes.substr(0, size)), StatusIs(absl::StatusCode::kInvalidArgument))
        << size;
  }
  EXPECT_THAT(ParseDepInfo(bytes + '\0'), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(DepInfoTest, RefusesCountsThatCannotBe) {
  std::string bytes = Serialize({});
  bytes[6] = bytes[7] = bytes[8] = '\xff';  // number of files
  EXPECT_THAT(ParseDepInfo(bytes), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(DepInfoTest, WhatItAcceptsItWritesBack) {
  const std::string valid = Serialize(Everything());
  for (unsigned seed = 0; seed < 20000; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = valid;
    for (unsigned i = 0; i <= random() % 3; ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (const absl::StatusOr<DepInfo> info = ParseDepInfo(bytes); info.ok()) {
      ASSERT_EQ(Serialize(*info), bytes) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace depcache
