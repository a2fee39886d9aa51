#include "cache/base/files.h"

#include <atomic>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "cache/base/check.h"
#include "cache/base/status.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FilesTest : public ::testing::Test {
 protected:
  fs::path At(std::string_view name) const { return folder_.path() / name; }
  fs::path Make(std::string_view name, std::string_view content) const {
    fs::create_directories(At(name).parent_path());
    std::ofstream(At(name), std::ios::binary) << content;
    return At(name);
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  ScopedTempDir folder_ = [] {
    auto made = ScopedTempDir::Make(::testing::TempDir(), "depcache-files-");
    DEPCACHE_CHECK(made.ok());
    return *std::move(made);
  }();
};

TEST_F(FilesTest, ReadsWholeFilesUpToTheLimit) {
  const fs::path file = Make("f", std::string("a\0b", 3));
  EXPECT_THAT(ReadFile(file, 3), IsOkAndHolds(std::string("a\0b", 3)));
  EXPECT_THAT(ReadFile(file, 2), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ReadFile(Make("empty", ""), 0), IsOkAndHolds(std::string()));
}

TEST_F(FilesTest, ReadsFilesThatSayTheyAreEmpty) {
  const auto status = ReadFile("/proc/self/status", 1 << 20);
  ASSERT_THAT(status, IsOk());
  EXPECT_THAT(*status, HasSubstr("Name:"));
  EXPECT_THAT(ReadFile("/proc/self/status", 10), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(FilesTest, ErrorsOfReadingSayWhatAndWhy) {
  EXPECT_THAT(ReadFile(At("none"), 1), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ReadFile(At("f/below"), 1), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ReadFile(At("."), 1), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MessageOf(ReadFile(At("none"), 1).status()), HasSubstr(At("none").native()));
}

TEST_F(FilesTest, APipeIsNoRegularFile) {
  ASSERT_EQ(mkfifo(At("pipe").c_str(), 0600), 0);
  const auto writer = OpenFile(At("pipe"), O_RDWR);  // else opening it to read would wait
  ASSERT_THAT(writer, IsOk());
  EXPECT_THAT(ReadFile(At("pipe"), 1), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(FilesTest, DescriptorsCloseOnce) {
  int number = -1;
  {
    auto opened = OpenFile(Make("f", "x"), O_RDONLY);
    ASSERT_THAT(opened, IsOk());
    UniqueFd moved = *std::move(opened);
    number = moved.get();
    EXPECT_TRUE(fcntl(number, F_GETFD) & FD_CLOEXEC);
    UniqueFd released(moved.Release());
    EXPECT_FALSE(moved.valid());
    EXPECT_EQ(released.get(), number);
  }
  EXPECT_EQ(fcntl(number, F_GETFD), -1);
}

TEST_F(FilesTest, WritesAtAnOffset) {
  const auto file = OpenFile(At("f"), O_RDWR | O_CREAT);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT(WriteAllAt(file->get(), "tail", 4), IsOk());
  ASSERT_THAT(WriteAll(file->get(), "head"), IsOk());
  EXPECT_THAT(ReadFile(At("f"), 100), IsOkAndHolds(std::string("headtail")));
  const auto read_only = OpenFile(At("f"), O_RDONLY);
  EXPECT_FALSE(WriteAll(read_only->get(), "x").ok());
  EXPECT_FALSE(WriteAllAt(read_only->get(), "x", 0).ok());
}

TEST_F(FilesTest, AtomicWriteReplacesWithContentAndMode) {
  Make("f", "old");
  ASSERT_THAT(WriteFileAtomic(At("f"), "new content", 0755), IsOk());
  EXPECT_THAT(ReadFile(At("f"), 100), IsOkAndHolds(std::string("new content")));
  EXPECT_EQ(fs::status(At("f")).permissions(), fs::perms(0755));
  EXPECT_THAT(Names(), ElementsAre("f")) << "a temporary file is left";
}

TEST_F(FilesTest, AtomicWriteReplacesALinkNotWhatItPointsTo) {
  Make("target", "kept");
  fs::create_symlink("target", At("link"));
  ASSERT_THAT(WriteFileAtomic(At("link"), "new"), IsOk());
  EXPECT_FALSE(fs::is_symlink(At("link")));
  EXPECT_THAT(ReadFile(At("target"), 100), IsOkAndHolds(std::string("kept")));
}

TEST_F(FilesTest, AFailedAtomicWriteLeavesNothing) {
  fs::create_directories(At("folder/below"));
  EXPECT_FALSE(WriteFileAtomic(At("folder"), "x").ok()) << "a folder was replaced by a file";
  EXPECT_THAT(Names(), ElementsAre("folder"));
  EXPECT_THAT(WriteFileAtomic(At("none/f"), "x"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(FilesTest, ReadersSeeTheOldOrTheNewContent) {
  const std::string old_content(100'000, 'o');
  const std::string new_content(200'000, 'n');
  ASSERT_THAT(WriteFileAtomic(At("f"), old_content), IsOk());
  std::atomic<bool> is_done = false;
  std::thread writer([&] {
    for (int i = 0; i < 100; ++i) {
      EXPECT_THAT(WriteFileAtomic(At("f"), i % 2 == 0 ? new_content : old_content), IsOk());
    }
    is_done = true;
  });
  while (!is_done) {
    const auto read = ReadFile(At("f"), 1 << 20);
    ASSERT_THAT(read, IsOk());
    ASSERT_TRUE(*read == old_content || *read == new_content);
  }
  writer.join();
}

TEST_F(FilesTest, FoldersAreMadeAndRemovedWhole) {
  ASSERT_THAT(CreateDirectories(At("a/b/c")), IsOk());
  ASSERT_THAT(CreateDirectories(At("a/b/c")), IsOk());
  Make("a/b/c/f", "x");
  EXPECT_FALSE(CreateDirectories(At("a/b/c/f")).ok());
  Make("outside/kept", "x");
  fs::create_symlink("../outside", At("a/link"));
  ASSERT_THAT(RemoveAll(At("a")), IsOk());
  ASSERT_THAT(RemoveAll(At("a")), IsOk());
  EXPECT_TRUE(fs::exists(At("outside/kept"))) << "removed through a link";
  EXPECT_THAT(Names(), ElementsAre("outside"));
}

TEST_F(FilesTest, TimesAreSetOnLinksThemselves) {
  const auto time_of = [](const fs::path& path) {
    struct stat info {};
    EXPECT_EQ(lstat(path.c_str(), &info), 0);
    return info.st_mtime;
  };
  Make("f", "x");
  fs::create_symlink("f", At("link"));
  ASSERT_THAT(SetFileTime(At("f"), 1000), IsOk());
  ASSERT_THAT(SetFileTime(At("link"), 2000), IsOk());
  EXPECT_EQ(time_of(At("f")), 1000);
  EXPECT_EQ(time_of(At("link")), 2000);
  EXPECT_THAT(SetFileTime(At("none"), 1), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(FilesTest, TemporaryFoldersGoWithTheirOwner) {
  fs::path first;
  {
    auto made = ScopedTempDir::Make(At("."), "tmp-");
    ASSERT_THAT(made, IsOk());
    first = made->path();
    Make(fs::relative(first, At(".")).native() + "/f", "x");
    auto other = ScopedTempDir::Make(At("."), "tmp-");
    ASSERT_THAT(other, IsOk());
    EXPECT_NE(other->path(), first);
    ScopedTempDir moved = *std::move(made);
    EXPECT_EQ(moved.path(), first);
    *other = std::move(moved);
    EXPECT_TRUE(fs::exists(first / "f"));
    EXPECT_EQ(Names().size(), 1) << "assignment removes what was held";
  }
  EXPECT_THAT(Names(), IsEmpty());
  EXPECT_THAT(ScopedTempDir::Make(At("none"), "x"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(FilesTest, WalkGoesInOrderAndNotThroughLinks) {
  Make("b/2", "");
  Make("b/1/x", "");
  Make("a", "");
  Make("c", "");
  fs::create_symlink("b", At("d"));
  std::vector<std::string> seen;
  ASSERT_THAT(WalkTree(At("."),
                       [&](const fs::path& relative, const fs::directory_entry&) {
                         seen.push_back(relative.native());
                         return absl::OkStatus();
                       }),
              IsOk());
  EXPECT_THAT(seen, ElementsAre("a", "b", "b/1", "b/1/x", "b/2", "c", "d"));
}

TEST_F(FilesTest, WalkStopsAtTheFirstError) {
  Make("a/x", "");
  Make("b", "");
  int visits = 0;
  EXPECT_THAT(WalkTree(At("."),
                       [&](const fs::path& relative, const fs::directory_entry&) -> absl::Status {
                         ++visits;
                         if (relative == "a/x") return DataLoss("stop");
                         return absl::OkStatus();
                       }),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(visits, 2);
  EXPECT_THAT(WalkTree(At("none"), [](const auto&, const auto&) { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace depcache::testing
