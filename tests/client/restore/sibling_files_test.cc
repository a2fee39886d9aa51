#include "client/restore/sibling_files.h"

#include <sys/stat.h>

#include "cache/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;

Digest DigestOf(std::string_view bytes) {
  return {HashAs<BlobHash>(bytes), static_cast<std::uint32_t>(bytes.size())};
}

class SiblingFilesTest : public ::testing::Test {
 protected:
  SiblingFilesTest() {
    PlannedFile file;
    file.path = build_dir_ / "debug" / "deps" / "liba.rlib";
    file.blobs = {DigestOf("first "), DigestOf("second")};
    plan_.files.push_back(file);
  }
  void Put(const fs::path& sibling, std::string_view bytes) {
    ASSERT_THAT(CreateDirectories(sibling / "debug" / "deps"), IsOk());
    ASSERT_THAT(WriteFileAtomic(sibling / "debug" / "deps" / "liba.rlib", bytes), IsOk());
  }
  SiblingFiles Find() const { return {plan_, build_dir_, siblings_}; }
  static std::string Read(const SiblingFiles& files, std::string_view expected) {
    std::string plain(expected.size(), '\0');
    const absl::Status status = files.Read(DigestOf(expected), std::span<char>(plain));
    return status.ok() ? plain : std::string(status.message());
  }

  const TestFolder folder_;
  const fs::path build_dir_ = folder_.path() / "target";
  const std::vector<fs::path> siblings_ = {folder_.path() / "one", folder_.path() / "two"};
  RestorePlan plan_;
};

TEST_F(SiblingFilesTest, EachBlobIsReadFromItsPlaceInTheFile) {
  Put(siblings_[1], "first second");
  const SiblingFiles files = Find();
  EXPECT_TRUE(files.Has(DigestOf("first ")));
  EXPECT_EQ(Read(files, "first "), "first ");
  EXPECT_EQ(Read(files, "second"), "second");
  EXPECT_FALSE(files.Has(DigestOf("third")));
}

TEST_F(SiblingFilesTest, TheFirstSiblingWithAFileOfThisSizeIsTaken) {
  Put(siblings_[0], "other size");
  Put(siblings_[1], "first second");
  EXPECT_EQ(Read(Find(), "second"), "second");
  Put(siblings_[0], "FIRST SECOND");
  EXPECT_EQ(Read(Find(), "second"), "SECOND");
}

TEST_F(SiblingFilesTest, OnlyPlainFilesBelowTheBuildDirectoryWithoutRootsAreLookedFor) {
  Put(siblings_[0], "first second");
  plan_.files[0].rendering = Rendering::kText;
  EXPECT_FALSE(Find().Has(DigestOf("second")));
  plan_.files[0].rendering = Rendering::kNone;
  EXPECT_TRUE(Find().Has(DigestOf("second")));
  plan_.files[0].path = folder_.path() / "target2" / "debug" / "deps" / "liba.rlib";
  EXPECT_FALSE(Find().Has(DigestOf("second")));
  plan_.files[0].path = build_dir_ / "debug" / "deps" / "liba.rlib";
  fs::rename(siblings_[0] / "debug/deps/liba.rlib", folder_.path() / "real");
  fs::create_symlink(folder_.path() / "real", siblings_[0] / "debug/deps/liba.rlib");
  EXPECT_FALSE(Find().Has(DigestOf("second")));
}

TEST_F(SiblingFilesTest, WhatChangesAfterItWasFoundIsAnErrorNeverAWait) {
  Put(siblings_[0], "first second");
  const fs::path path = siblings_[0] / "debug/deps/liba.rlib";
  const SiblingFiles files = Find();
  std::string plain(6, '\0');
  ASSERT_THAT(WriteFileAtomic(path, "first sec"), IsOk());
  EXPECT_THAT(files.Read(DigestOf("second"), std::span<char>(plain)),
              StatusIs(absl::StatusCode::kNotFound));
  fs::remove(path);
  EXPECT_THAT(files.Read(DigestOf("second"), std::span<char>(plain)),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(files.Read(DigestOf("second"), std::span<char>(plain)).ok());
}

}  // namespace
}  // namespace depcache::client
