#include "client/cook/folder_names.h"

#include <gmock/gmock.h>

namespace depcache::client {
namespace {

TEST(WithFolderNamesTest, OnlyWholePathsAreFolders) {
  MachineFolders folders;
  folders.home = "/home/ann";
  folders.cargo_home = "/home/ann/.cargo";
  folders.workspace = "/app";
  EXPECT_EQ(WithFolderNames("-L native=/home/ann/.cargo/lib -L /home/ann/x", folders),
            "-L native={cargo-home}/lib -L {home}/x");
  EXPECT_EQ(WithFolderNames("/home/anna /home/ann", folders), "/home/anna {home}");
  EXPECT_EQ(WithFolderNames("/application /app/x", folders), "/application {workspace}/x");
  EXPECT_EQ(WithFolderNames("no paths", folders), "no paths");
  EXPECT_EQ(WithFolderNames("", folders), "");
}

TEST(FolderNamesTest, ShortAndUnknownFoldersHaveNone) {
  MachineFolders folders;
  folders.workspace = "/ws";
  folders.home = "/home/ann";
  EXPECT_THAT(FolderNames(folders), ::testing::ElementsAre(::testing::Pair("{home}", "/home/ann")));
}

}  // namespace
}  // namespace depcache::client
