#include "client/cook/siblings.h"

#include <sys/stat.h>

#include "cache/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::IsOk;
using ::depcache::testing::TestFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SiblingsTest : public ::testing::Test {
 protected:
  fs::path Folder(const std::string& name) const {
    const fs::path folder = folder_.path() / name;
    EXPECT_THAT(CreateDirectories(folder), IsOk());
    return folder;
  }
  const TestFolder folder_;
  const fs::path cache_ = folder_.path() / "cache" / "depcache";
};

TEST(CacheFolderTest, IsWhereXdgSaysElseBelowHome) {
  EXPECT_EQ(CacheFolder({{"XDG_CACHE_HOME", "/c"}, {"HOME", "/h"}}), "/c/depcache");
  EXPECT_EQ(CacheFolder({{"XDG_CACHE_HOME", "c"}, {"HOME", "/h"}}), "/h/.cache/depcache");
  EXPECT_EQ(CacheFolder({{"HOME", "/h"}}), "/h/.cache/depcache");
  EXPECT_EQ(CacheFolder({}), "");
}

TEST_F(SiblingsTest, AreTheOthersOfThoseThatAreThereTheLastUsedFirst) {
  EXPECT_THAT(FindSiblings(cache_, "/x"), IsEmpty());
  const fs::path a = Folder("a"), b = Folder("b ü"), c = Folder("c");
  for (const fs::path& folder : {a, b, c, a}) ASSERT_THAT(RememberBuildDir(cache_, folder), IsOk());
  EXPECT_THAT(FindSiblings(cache_, "/x"), ElementsAre(a, c, b));
  EXPECT_THAT(FindSiblings(cache_, c), ElementsAre(a, b));
  fs::remove(a);
  EXPECT_THAT(FindSiblings(cache_, "/x"), ElementsAre(c, b));
}

TEST_F(SiblingsTest, OnlySoManyAreRemembered) {
  for (std::size_t i = 0; i < kMaxSiblings + 5; ++i) {
    ASSERT_THAT(RememberBuildDir(cache_, Folder(std::to_string(i))), IsOk());
  }
  const fs::path last = folder_.path() / std::to_string(kMaxSiblings + 4);
  EXPECT_EQ(FindSiblings(cache_, last).size(), kMaxSiblings);
}

TEST_F(SiblingsTest, AFileThatIsNotOursIsNoTrouble) {
  const fs::path a = Folder("a");
  ASSERT_THAT(CreateDirectories(cache_), IsOk());
  ASSERT_THAT(WriteFileAtomic(cache_ / "build-directories",
                              "relative\n\n" + std::string("\0\n", 2) + a.native() + "\nno end"),
              IsOk());
  EXPECT_THAT(FindSiblings(cache_, "/x"), ElementsAre(a));
  const fs::path odd = Folder("with\nnewline");
  EXPECT_THAT(RememberBuildDir(cache_, odd), IsOk());
  EXPECT_THAT(FindSiblings(cache_, "/x"), ElementsAre(a));
}

TEST_F(SiblingsTest, WithoutACacheFolderThereAreNone) {
  const fs::path a = Folder("a");
  EXPECT_THAT(FindSiblings("", a), IsEmpty());
  ASSERT_THAT(WriteFileAtomic(folder_.path() / "file", ""), IsOk());
  EXPECT_FALSE(RememberBuildDir(folder_.path() / "file" / "depcache", a).ok());
}

TEST_F(SiblingsTest, IsForTheUserAloneToRead) {
  ASSERT_THAT(RememberBuildDir(cache_, Folder("a")), IsOk());
  struct stat info {};
  ASSERT_EQ(stat((cache_ / "build-directories").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

}  // namespace
}  // namespace depcache::client
