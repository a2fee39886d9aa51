#include "client/capture/static_archives.h"

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(NativeLinksTest, EverySpellingOfCargoIsRead) {
  const NativeLinks links = ParseNativeLinks(
      "cargo:rustc-link-lib=static=one\n"
      "cargo::rustc-link-lib=static:+whole-archive,-bundle=two:renamed\r\n"
      "cargo:rustc-link-lib=dylib=three\ncargo:rustc-link-lib=four\n"
      "cargo:rustc-link-lib=staticky=five\n"
      "cargo:rustc-link-search=native=/a/./b\ncargo::rustc-link-search=/c\n"
      "cargo:rustc-link-search=relative\n"
      "cargo:rustc-flags=-l static=six -L native=/d -lstatic=seven -L/e -l eight\n"
      "something else\ncargo:rustc-cfg=x\n");
  EXPECT_THAT(links.static_names, ElementsAre("one", "two", "six", "seven"));
  EXPECT_THAT(links.search_folders, ElementsAre("/a/b", "/c", "/d", "/e"));
}

class StaticArchivesTest : public ::testing::Test {
 protected:
  StaticArchivesTest() {
    folder_.Write("lib/libone.a", "1");
    folder_.Write("lib/libother.a", "2");
    folder_.Write("lib/README", "3");
    folder_.Write("target/debug/build/x/out/libmade.a", "4");
  }

  auto Find(NativeLinks links) {
    const std::vector<std::filesystem::path> build_dirs = {folder_ / "target", folder_ / "real/target"};
    return FindStaticArchives(links, build_dirs);
  }

  const testing::TestFolder folder_;
};

TEST_F(StaticArchivesTest, AFolderOfTheUsersCountsAsAWhole) {
  // #[link(name = "other", kind = "static")] names one in the source.
  EXPECT_THAT(Find({{"one"}, {folder_ / "lib"}}),
              IsOkAndHolds(ElementsAre(folder_ / "lib/libone.a", folder_ / "lib/libother.a")));
  EXPECT_THAT(Find({{}, {folder_ / "lib"}}),
              IsOkAndHolds(ElementsAre(folder_ / "lib/libone.a", folder_ / "lib/libother.a")));
}

TEST_F(StaticArchivesTest, WhatTheBuildMakesIsAnOutputAndNoInput) {
  EXPECT_THAT(Find({{"made"}, {folder_ / "target/debug/build/x/out"}}), IsOkAndHolds(IsEmpty()));
  folder_.Write("real/target/debug/build/x/out/libmade.a", "4");
  EXPECT_THAT(Find({{"made"}, {folder_ / "real/target/debug/build/x/out"}}), IsOkAndHolds(IsEmpty()));
}

TEST_F(StaticArchivesTest, AFolderOfTheSystemCountsByWhatIsNamed) {
  EXPECT_THAT(Find({{}, {"/usr/lib", "/usr/lib/x86_64-linux-gnu"}}), IsOkAndHolds(IsEmpty()));
}

TEST_F(StaticArchivesTest, ALibraryThatIsNowhereIsRefused) {
  const auto found = Find({{"nowhere"}, {folder_ / "lib", "/does/not/exist"}});
  EXPECT_THAT(found, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("libnowhere.a"));
}

TEST_F(StaticArchivesTest, SoIsAFolderWithTooMany) {
  for (int i = 0; i < 201; ++i) folder_.Write("many/lib" + std::to_string(i) + ".a", "");
  EXPECT_THAT(Find({{}, {folder_ / "many"}}), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace depcache::client
