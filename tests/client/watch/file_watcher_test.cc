#include "client/watch/file_watcher.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOkAndHolds;
using Wake = FileWatcher::Wake;
using std::chrono::milliseconds;

// Long enough to be seen as a failure, never waited for when all is well.
constexpr std::chrono::minutes kSoon{2};
// Nothing is to come: whatever was written before is there at once.
constexpr milliseconds kNow{0};

class FileWatcherTest : public ::testing::Test {
 protected:
  FileWatcherTest() : watcher_(*FileWatcher::Make()) {
    folder_.Write("Cargo.toml", "[package]");
    EXPECT_THAT(watcher_.Watch({folder_.path()}), IsOkAndHolds(true));
  }
  const testing::TestFolder folder_;
  FileWatcher watcher_;
};

TEST(MayCountTest, ByNameAndKind) {
  for (const char* name : {"Cargo.toml", "Cargo.lock", "config.toml", "config", "rust-toolchain",
                           "rust-toolchain.toml"}) {
    EXPECT_TRUE(MayCount(name, false, false)) << name;
  }
  for (const char* name : {"README.md", "Cargo.toml.swp", "recipe.json", ".Cargo.toml.un~"}) {
    EXPECT_FALSE(MayCount(name, false, true)) << name;
  }
  EXPECT_TRUE(MayCount("lib.rs", false, true));
  EXPECT_FALSE(MayCount("lib.rs", false, false)) << "sources are no part of a recipe";
  EXPECT_TRUE(MayCount("member", true, true));
  EXPECT_FALSE(MayCount("target", true, true));
}

TEST_F(FileWatcherTest, AFileThatIsReplacedOrWrittenIsSeen) {
  folder_.Write("Cargo.toml", "[package] # by rename");
  EXPECT_EQ(watcher_.Wait(kSoon), Wake::kChanged);
  EXPECT_EQ(watcher_.Wait(kNow), Wake::kTimeout) << "one change is told once";
  std::filesystem::remove(folder_ / "Cargo.toml");
  EXPECT_EQ(watcher_.Wait(kSoon), Wake::kChanged);
}

TEST_F(FileWatcherTest, WhatDoesNotCountWakesNobody) {
  folder_.Write("notes.md", "text");
  folder_.Write("recipe.json", "{}");
  EXPECT_EQ(watcher_.Wait(kNow), Wake::kTimeout);
}

TEST_F(FileWatcherTest, AFolderThatComesLaterIsWatchedOnceItIsNamed) {
  const auto config = folder_ / ".cargo";
  EXPECT_THAT(watcher_.Watch({folder_.path(), config}), IsOkAndHolds(false)) << "it is not there";
  folder_.Write(".cargo/config.toml", "");
  EXPECT_EQ(watcher_.Wait(kSoon), Wake::kChanged);
  EXPECT_THAT(watcher_.Watch({folder_.path(), config}), IsOkAndHolds(true));
  EXPECT_THAT(watcher_.Watch({folder_.path(), config}), IsOkAndHolds(false));
  folder_.Write(".cargo/config.toml", "[build]");
  EXPECT_EQ(watcher_.Wait(kSoon), Wake::kChanged);
}

TEST_F(FileWatcherTest, AFolderThatIsMadeAgainIsNew) {
  const auto member = folder_ / "member";
  folder_.Write("member/Cargo.toml", "");
  EXPECT_THAT(watcher_.Watch({member}), IsOkAndHolds(true));
  std::filesystem::remove_all(member);
  EXPECT_EQ(watcher_.Wait(kSoon), Wake::kChanged);
  folder_.Write("member/Cargo.toml", "");
  EXPECT_EQ(watcher_.Wait(kSoon), Wake::kChanged);
  EXPECT_THAT(watcher_.Watch({member}), IsOkAndHolds(true));
}

}  // namespace
}  // namespace depcache::client
