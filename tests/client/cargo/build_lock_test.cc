#include "client/cargo/build_lock.h"

#include <atomic>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;

constexpr std::chrono::milliseconds kLong{60'000};
constexpr std::chrono::milliseconds kNone{0};
const std::function<void()> kSilent = [] {};

// Another process which holds a file's lock, as a Cargo would, until told.
class OtherCargo {
 public:
  explicit OtherCargo(const std::filesystem::path& file) {
    int ready[2];
    int release[2];
    EXPECT_EQ(pipe2(ready, O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(release, O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
      close(release[1]);
      const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
      const char answer = fd >= 0 && flock(fd, LOCK_EX) == 0 ? 'y' : 'n';
      if (write(ready[1], &answer, 1) != 1) _exit(1);
      char byte = 0;
      _exit(read(release[0], &byte, 1) == 0 ? 0 : 1);  // until the other end is closed
    }
    close(ready[1]);
    close(release[0]);
    char answer = 0;
    EXPECT_EQ(read(ready[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    close(ready[0]);
    release_ = release[1];
  }
  ~OtherCargo() { End(); }
  OtherCargo(const OtherCargo&) = delete;
  OtherCargo& operator=(const OtherCargo&) = delete;

  void End() {
    if (pid_ < 0) return;
    close(release_);
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    EXPECT_EQ(status, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  int release_ = -1;
};

// True if a process of its own can take the lock now, be it with others.
bool CanBeLockedElsewhere(const std::filesystem::path& file) {
  const pid_t pid = fork();
  if (pid == 0) {
    const int fd = open(file.c_str(), O_RDWR | O_CLOEXEC);
    _exit(fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0 ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return status == 0;
}

class BuildLockTest : public ::testing::TestWithParam<const char*> {
 protected:
  TestFolder folder_;
};

// Cargos lock one of these or the other, by their version.
INSTANTIATE_TEST_SUITE_P(Names, BuildLockTest,
                         ::testing::Values("release/.cargo-lock", "release/.cargo-build-lock",
                                           "x86_64-unknown-linux-gnu/release/.cargo-lock"));

TEST_P(BuildLockTest, KeepsAnotherProcessOutUntilItEnds) {
  {
    const auto lock = BuildLock::Acquire(
        folder_.path(), {"release", "x86_64-unknown-linux-gnu/release"}, kLong, kSilent);
    ASSERT_THAT(lock, IsOk());
    EXPECT_FALSE(CanBeLockedElsewhere(folder_ / GetParam()));
  }
  EXPECT_TRUE(CanBeLockedElsewhere(folder_ / GetParam()));
}

TEST_P(BuildLockTest, GivesUpAfterTheBound) {
  CreateDirectories((folder_ / GetParam()).parent_path()).IgnoreError();
  const OtherCargo other(folder_ / GetParam());
  EXPECT_THAT(BuildLock::Acquire(folder_.path(), {"release", "x86_64-unknown-linux-gnu/release"},
                                 kNone, kSilent)
                  .status(),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_P(BuildLockTest, WaitsForAnotherProcessAndSaysSoOnce) {
  CreateDirectories((folder_ / GetParam()).parent_path()).IgnoreError();
  OtherCargo other(folder_ / GetParam());
  int waits = 0;
  const auto lock = BuildLock::Acquire(folder_.path(),
                                       {"release", "x86_64-unknown-linux-gnu/release"}, kLong, [&] {
                                         ++waits;
                                         other.End();
                                       });
  EXPECT_THAT(lock, IsOk());
  EXPECT_EQ(waits, 1);
}

TEST(BuildLockOrderTest, TwoWithFoldersInAnyOrderNeverWaitForEachOther) {
  const TestFolder folder;
  const std::vector<std::string> one = {"release", "a/release", "b/release"};
  const std::vector<std::string> two = {"b/release", "release", "a/release"};
  std::atomic<int> failures = 0;
  const auto take = [&](const std::vector<std::string>& folders) {
    for (int i = 0; i < 5; ++i) {
      if (!BuildLock::Acquire(folder.path(), folders, kLong, kSilent).ok()) ++failures;
    }
  };
  std::thread other([&] { take(two); });
  take(one);
  other.join();
  EXPECT_EQ(failures, 0);
}

TEST(BuildLockFolderTest, ANewTargetFolderIsMarkedAndAnOldOneIsLeftAlone) {
  const TestFolder folder;
  ASSERT_THAT(BuildLock::Acquire(folder / "target", {"debug"}, kLong, kSilent), IsOk());
  EXPECT_TRUE(folder.Read("target/CACHEDIR.TAG")
                  .starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"));
  ASSERT_THAT(MakeTargetFolder(folder.path()), IsOk());
  EXPECT_FALSE(folder.Has("CACHEDIR.TAG"));
}

}  // namespace
}  // namespace depcache::client
