#include "client/restore/restore_git.h"

#include "cache/cargo/git_layout.h"
#include "cache/cargo/git_snapshot.h"
#include "cache/layer/limits.h"
#include "client/cargo/git_program.h"
#include "client/cargo/source_ids.h"
#include "client/system/process.h"
#include "tests/support/fake_remote.h"
#include "tests/support/machine.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::FakeRemote;
using ::depcache::testing::IsOk;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RestoreGitTest : public ::testing::Test {
 protected:
  RestoreGitTest() {
    const std::string file = Keep(GitKind::kBlob, std::string(5000, 'x'));
    tree_ = Keep(GitKind::kTree, PrintTree({{"100644", "lib.rs", file}}));
    commit_ = Keep(GitKind::kCommit, "tree " + tree_ + "\nauthor a <a@b> 0 +0000\ncommitter a <a@b> 0 +0000\n\nwhy\n");
    source_ = "git+https://h/dep?branch=main#" + commit_;
    lock_.packages.push_back({"dep", "1.0.0", source_, "", {}, {}});
    lock_.packages.push_back({"other", "1.0.0", source_, "", {}, {}});
    record_.package = *GitSourceId(source_);
    Upload(*EncodeSnapshot(commit_, [&](GitKind, const std::string& id) {
      return absl::StatusOr<std::string_view>(objects_.at(id));
    }));
    repository_ = *folders_.GitRepository(source_);
  }
  std::string Keep(GitKind kind, const std::string& bytes) {
    std::string id = GitObjectId(kind, bytes);
    objects_[id] = bytes;
    return id;
  }
  void Upload(const std::string& bytes) {
    record_.crate.clear();
    for (std::size_t pos = 0; pos < bytes.size(); pos += 1000) {
      record_.crate.push_back(remote_.Put(std::string_view(bytes).substr(pos, 1000)));
    }
  }
  absl::StatusOr<GitResult> Restore() {
    const auto blobs = remote_.OpenBlobs("");
    return RestoreGit(FindGitGaps(lock_, folders_), {&record_, 1}, folders_, **blobs);
  }
  // Real git finds the repository whole, and the commit in it.
  void ExpectWhole() {
    PosixProcessRunner processes;
    const auto check = processes.Run(
        {{"git", "--git-dir=" + repository_.native(), "fsck", "--strict", commit_}, "", {}});
    ASSERT_THAT(check, IsOk());
    EXPECT_EQ(check->exit_code, 0) << check->err;
    EXPECT_THAT(ReadGitCommit(processes, repository_, commit_), IsOk());
  }

  TestFolder folder_;
  MachineFolders folders_ = MachineBelow(folder_.path());
  FakeRemote remote_;
  std::map<std::string, std::string> objects_;
  std::string tree_;
  std::string commit_;
  std::string source_;
  Lockfile lock_;
  PackageRecord record_;
  fs::path repository_;
};

TEST_F(RestoreGitTest, AnEmptyCargoHomeGetsARepositoryThatGitReads) {
  EXPECT_THAT(FindGitGaps(lock_, folders_), ElementsAre(record_.package));
  EXPECT_THAT(GitFiles(lock_, folders_), IsEmpty());
  const absl::StatusOr<GitResult> result = Restore();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->repositories, 1U);
  ExpectWhole();
  EXPECT_THAT(FindGitGaps(lock_, folders_), IsEmpty());
  EXPECT_THAT(GitFiles(lock_, folders_), SizeIs(1));
  EXPECT_TRUE(fs::exists(folders_.cargo_home / GitFiles(lock_, folders_)[0]));
}

TEST_F(RestoreGitTest, ARepositoryThatIsThereKeepsWhatItHas) {
  PosixProcessRunner processes;
  ASSERT_EQ(processes.Run({{"git", "init", "-q", "--bare", repository_.native()}, "", {}})->exit_code, 0);
  folder_.Write(fs::relative(repository_ / "config", folder_.path()), "[core]\n\tbare = true\n[a]\n\tb = c\n");
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_THAT(ReadFile(repository_ / "config", 1000).value(), ::testing::HasSubstr("b = c"));
  ExpectWhole();
}

TEST_F(RestoreGitTest, ACommitThatIsCheckedOutIsThere) {
  const fs::path checkout = *folders_.GitCheckout(source_);
  ASSERT_THAT(CreateDirectories(checkout), IsOk());
  ASSERT_THAT(WriteFileAtomic(checkout / ".cargo-ok", ""), IsOk());
  EXPECT_THAT(FindGitGaps(lock_, folders_), SizeIs(1));
  ASSERT_THAT(CreateDirectories(repository_), IsOk());
  ASSERT_THAT(WriteFileAtomic(repository_ / "HEAD", "ref: refs/heads/main\n"), IsOk());
  EXPECT_THAT(FindGitGaps(lock_, folders_), IsEmpty());
}

TEST_F(RestoreGitTest, AnotherCommitIsRefusedAndNothingIsWritten) {
  const std::string evil = Keep(GitKind::kCommit, "tree " + tree_ + "\nauthor e <e@b> 0 +0000\n\n\n");
  Upload(*EncodeSnapshot(evil, [&](GitKind, const std::string& id) {
    return absl::StatusOr<std::string_view>(objects_.at(id));
  }));
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_FALSE(fs::exists(repository_));
}

TEST_F(RestoreGitTest, ARecordOfAnotherSourceIsNotTaken) {
  record_.package.source = "git+https://h/dep?branch=evil#" + commit_;
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_FALSE(fs::exists(repository_));
}

TEST_F(RestoreGitTest, ASizeBeyondTheLimitIsRefusedBeforeAnythingIsFetched) {
  record_.crate.assign(kMaxSnapshotBytes / kMaxBlobBytes + 1, Digest{record_.crate[0].hash, kMaxBlobBytes});
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RestoreGitTest, AMissingPieceIsAnErrorOfTheStream) {
  remote_.frames.erase(record_.crate[1].hash);
  EXPECT_FALSE(Restore().ok());
  EXPECT_FALSE(fs::exists(repository_));
}

}  // namespace
}  // namespace depcache::client
