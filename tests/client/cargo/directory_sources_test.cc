#include "client/cargo/directory_sources.h"

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DirectorySourcesTest : public ::testing::Test {
 protected:
  void AddPackage(const std::string& folder, const std::string& name,
                  const std::string& version = "1.0.0") {
    folder_.Write(folder + "/Cargo.toml",
                  "[package]\nname = \"" + name + "\"\nversion = \"" + version + "\"\n");
    folder_.Write(folder + "/src/lib.rs", "pub fn f() {}\n");
    folder_.Write(folder + "/.cargo-checksum.json", "{}");
  }
  void Lock(const std::string& name, const std::string& version = "1.0.0") {
    lock_.packages.push_back({name, version, "registry+https://h/index", "sum", {}, {}});
  }
  std::vector<DirectoryPackage> Find() {
    return FindDirectoryPackages({folder_ / "vendor"}, lock_);
  }
  std::string Digest() {
    const absl::StatusOr<PackageContents> contents = ReadPackageContents(folder_ / "vendor/a");
    EXPECT_THAT(contents, IsOk());
    return contents.ok() ? contents->digest : "";
  }

  const TestFolder folder_;
  Lockfile lock_;
};

TEST_F(DirectorySourcesTest, FoldersAreThoseOfTheConfigurationThatCountsLast) {
  const std::vector<ConfigText> files = {
      {"[source.a]\ndirectory = \"old\"\n[source.b]\ndirectory = \"/srv/b/\"", "/home"},
      {"not toml =", "/x"},
      {"[source.a]\ndirectory = \"../vendor\"\n[source.c]\nregistry = \"https://h\"", "/ws/app"},
      {"[source.d]\ndirectory = \"/srv/b\"", "/ws"}};
  EXPECT_THAT(DirectorySources(files), ElementsAre("/srv/b", "/ws/vendor"));
  EXPECT_THAT(DirectorySources({}), IsEmpty());
}

TEST_F(DirectorySourcesTest, PackagesOfTheLockByWhatTheirManifestsSay) {
  AddPackage("vendor/a", "a");
  AddPackage("vendor/a-2.0.0", "a", "2.0.0");
  AddPackage("vendor/renamed", "b");
  AddPackage("vendor/unlocked", "c");
  AddPackage("vendor/.hidden", "b");
  folder_.Write("vendor/empty/README", "");
  folder_.Write("vendor/damaged/Cargo.toml", "[package");
  for (const char* name : {"a", "b", "d"}) Lock(name);
  Lock("a", "2.0.0");
  lock_.packages.push_back({"c", "1.0.0", "", "", {}, {}});  // the workspace's own
  const auto found = Find();
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].root, folder_ / "vendor/a");
  EXPECT_EQ(found[1].version, "2.0.0");
  EXPECT_EQ(found[2].name, "b");
  // The same files but for the manifest are not the same.
  EXPECT_NE(found[0].digest, found[1].digest);
  EXPECT_THAT(FindDirectoryPackages({folder_ / "nothing"}, lock_), IsEmpty());
}

TEST_F(DirectorySourcesTest, TheDigestIsOfTheFilesAndNotOfWhereTheyLie) {
  AddPackage("vendor/a", "a");
  AddPackage("elsewhere/b", "a");
  const std::string digest = Digest();
  EXPECT_EQ(ReadPackageContents(folder_ / "elsewhere/b")->digest, digest);
  // Checksums say what files were, not what they are.
  folder_.Write("vendor/a/.cargo-checksum.json", "{\"package\":\"other\"}");
  EXPECT_EQ(Digest(), digest);
}

TEST_F(DirectorySourcesTest, EveryChangeOfAFileIsSeen) {
  AddPackage("vendor/a", "a");
  std::vector<std::string> digests = {Digest()};
  const auto expect_new = [&](const char* what) {
    const std::string digest = Digest();
    EXPECT_EQ(std::count(digests.begin(), digests.end(), digest), 0) << what;
    digests.push_back(digest);
  };
  folder_.Write("vendor/a/src/lib.rs", "pub fn g() {}\n");
  expect_new("edited");
  folder_.Write("vendor/a/src/new.rs", "");
  expect_new("added");
  fs::rename(folder_ / "vendor/a/src/new.rs", folder_ / "vendor/a/src/renamed.rs");
  expect_new("renamed");
  folder_.Write("vendor/a/src/renamed.rs", "", 0755);
  expect_new("executable");
  folder_.Write("outside", "1");
  fs::create_symlink(folder_ / "outside", folder_ / "vendor/a/link");
  expect_new("linked");
  folder_.Write("outside", "2");
  expect_new("what the link leads to");
}

TEST_F(DirectorySourcesTest, AFolderBehindALinkIsNotRead) {
  AddPackage("vendor/a", "a");
  fs::create_symlink("src", folder_ / "vendor/a/link");
  EXPECT_THAT(ReadPackageContents(folder_ / "vendor/a"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  Lock("a");
  ASSERT_THAT(Find(), SizeIs(1));
  EXPECT_EQ(Find()[0].digest, "");
}

TEST_F(DirectorySourcesTest, TheNewestFileCountsWhateverItsDepth) {
  AddPackage("vendor/a", "a");
  for (const char* path : {"vendor/a/Cargo.toml", "vendor/a/.cargo-checksum.json",
                           "vendor/a/src/lib.rs", "vendor/a/src", "vendor/a"}) {
    ASSERT_THAT(SetFileTime(folder_ / path, 1'000'000), IsOk());
  }
  EXPECT_EQ(ReadPackageContents(folder_ / "vendor/a")->newest, 1'000'000);
  ASSERT_THAT(SetFileTime(folder_ / "vendor/a/src/lib.rs", 2'000'000'000), IsOk());
  EXPECT_EQ(ReadPackageContents(folder_ / "vendor/a")->newest, 2'000'000'000);
}

}  // namespace
}  // namespace depcache::client
