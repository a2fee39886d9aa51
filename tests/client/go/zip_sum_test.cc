#include "client/go/zip_sum.h"

#include "cache/go/go_sum.h"
#include "tests/client/go/go_sample.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::depcache::testing::WriteZip;

// Of this module, go1.19.8 wrote this line into go.sum.
TEST(ZipSumTest, AgreesWithGo) {
  const TestFolder folder;
  const std::string root = "example.com/leaf@v1.0.0/";
  WriteZip(folder / "x.zip", {{root + "go.mod", "module example.com/leaf\n\ngo 1.19\n"},
                              {root + "leaf.go",
                               "package leaf\n\nimport \"strings\"\n\nfunc Up(s string) string { "
                               "return strings.ToUpper(s) }\n"},
                              {root + "extra/extra.go", "package extra\n\nconst X = 1\n"}});
  EXPECT_THAT(ZipSum(folder / "x.zip"),
              IsOkAndHolds(*ParseSum("h1:l7HhpeTn4VSwGRRTv6wP8VgY3BcAlkcTI2Y6j5Gpkfo=")));
}

TEST(ZipSumTest, EveryNameAndByteCounts) {
  const TestFolder folder;
  WriteZip(folder / "a.zip", {{"m@v1/a.go", "one"}});
  WriteZip(folder / "b.zip", {{"m@v1/a.go", "two"}});
  WriteZip(folder / "c.zip", {{"m@v1/b.go", "one"}});
  const PartDigest sum = *ZipSum(folder / "a.zip");
  EXPECT_NE(*ZipSum(folder / "b.zip"), sum);
  EXPECT_NE(*ZipSum(folder / "c.zip"), sum);
}

TEST(ZipSumTest, WhatIsNoZipIsRefused) {
  const TestFolder folder;
  folder.Write("text.zip", std::string(2000, 'x'));
  EXPECT_THAT(ZipSum(folder / "text.zip"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ZipSum(folder / "absent.zip"), StatusIs(absl::StatusCode::kInvalidArgument));
  WriteZip(folder / "whole.zip", {{"m@v1/a.go", std::string(5000, 'x')}});
  const std::string whole = folder.Read("whole.zip");
  folder.Write("half.zip", whole.substr(0, whole.size() / 2));
  EXPECT_THAT(ZipSum(folder / "half.zip"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache::client
