#include "client/restore/new_file.h"

#include "tests/support/machine.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::SecondsOf;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;

constexpr std::int64_t kTime = 946'684'800;

TEST(NewFileTest, HasItsBytesItsTimeAndItsRights) {
  const TestFolder folder;
  ASSERT_THAT(WriteNewFile(folder / "plain", "bytes", /*is_executable=*/false, kTime), IsOk());
  ASSERT_THAT(WriteNewFile(folder / "program", "", /*is_executable=*/true, kTime), IsOk());
  EXPECT_THAT(ReadFile(folder / "plain", 100), IsOkAndHolds("bytes"));
  EXPECT_EQ(SecondsOf(folder / "plain"), kTime);
  constexpr fs::perms kRun = fs::perms::owner_exec;
  EXPECT_EQ(fs::status(folder / "plain").permissions() & kRun, fs::perms::none);
  EXPECT_EQ(fs::status(folder / "program").permissions() & kRun, kRun);
}

TEST(NewFileTest, WhatWasThereKeepsItsContentUnderItsOtherNames) {
  const TestFolder folder;
  folder.Write("old", "as it was, and longer");
  fs::create_hard_link(folder / "old", folder / "other name");
  ASSERT_THAT(WriteNewFile(folder / "old", "new", false, kTime), IsOk());
  EXPECT_THAT(ReadFile(folder / "old", 100), IsOkAndHolds("new"));
  EXPECT_THAT(ReadFile(folder / "other name", 100), IsOkAndHolds("as it was, and longer"));
}

TEST(NewFileTest, ALinkIsReplacedNotFollowed) {
  const TestFolder folder;
  folder.Write("elsewhere", "not ours");
  fs::create_symlink(folder / "elsewhere", folder / "link");
  ASSERT_THAT(WriteNewFile(folder / "link", "new", false, kTime), IsOk());
  EXPECT_THAT(ReadFile(folder / "elsewhere", 100), IsOkAndHolds("not ours"));
  EXPECT_FALSE(fs::is_symlink(fs::symlink_status(folder / "link")));
}

TEST(NewFileTest, AFolderOfThatNameIsAnError) {
  const TestFolder folder;
  fs::create_directory(folder / "folder");
  EXPECT_FALSE(WriteNewFile(folder / "folder", "new", false, kTime).ok());
  EXPECT_THAT(CreateNewFile(folder / "missing" / "file", false),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace depcache::client
