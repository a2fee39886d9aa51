#include "client/capture/git_sources.h"

#include "cache/base/compress.h"
#include "cache/cargo/git_layout.h"
#include "cache/cargo/git_snapshot.h"
#include "tests/support/git_repository.h"
#include "tests/support/machine.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::GitRepository;
using ::depcache::testing::IsOk;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class GitSourcesTest : public ::testing::Test {
 protected:
  GitSourcesTest() {
    repository_.Install(source_, folders_);
    checkout_ = *folders_.GitCheckout(source_);
  }
  absl::StatusOr<std::string> Snapshot() {
    return SnapshotOfCheckout(source_, folders_, processes_);
  }
  void ExpectRefused(const std::string& why) {
    EXPECT_THAT(Snapshot(), StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(Snapshot().status().ToString(), HasSubstr(why));
  }

  TestFolder folder_;
  MachineFolders folders_ = MachineBelow(folder_.path());
  GitRepository repository_{folder_ / "repo"};
  std::string source_ = repository_.Source();
  fs::path checkout_;
  PosixProcessRunner processes_;
};

TEST_F(GitSourcesTest, ACheckoutAsItIsInItsCommit) {
  const absl::StatusOr<std::string> snapshot = Snapshot();
  ASSERT_THAT(snapshot, IsOk());
  // The commit, two folders, and a file or link each.
  EXPECT_THAT(*DecodeSnapshot(*snapshot, ParseGitSource(source_)->commit), SizeIs(7));
}

TEST_F(GitSourcesTest, AnyEditIsSeen) {
  const auto edits = {
      +[](const fs::path& at) { WriteFileAtomic(at / "src/lib.rs", "edited").IgnoreError(); },
      +[](const fs::path& at) { WriteFileAtomic(at / "src/new.rs", "").IgnoreError(); },
      +[](const fs::path& at) { fs::remove(at / "run.sh"); },
      +[](const fs::path& at) { fs::permissions(at / "run.sh", fs::perms::owner_read); },
      +[](const fs::path& at) { fs::create_directory(at / "empty"); },
      +[](const fs::path& at) { fs::rename(at / "link.rs", at / "other.rs"); },
  };
  for (const auto edit : edits) {
    ASSERT_THAT(RemoveAll(folders_.cargo_home), IsOk());
    repository_.Install(source_, folders_);
    ASSERT_THAT(Snapshot(), IsOk());
    edit(checkout_);
    ExpectRefused("is not what its commit has");
  }
}

TEST_F(GitSourcesTest, AFileThatGitIgnoresIsOneTooMany) {
  repository_.Put(".gitignore", "generated\n");
  repository_.Commit();
  source_ = repository_.Source();
  repository_.Install(source_, folders_);
  ASSERT_THAT(Snapshot(), IsOk());
  ASSERT_THAT(WriteFileAtomic(*folders_.GitCheckout(source_) / "generated", "x"), IsOk());
  ExpectRefused("is not what its commit has");
}

TEST_F(GitSourcesTest, SubmodulesAreRefusedByName) {
  repository_.Put(".gitmodules", "");
  repository_.Commit();
  source_ = repository_.Source();
  repository_.Install(source_, folders_);
  ExpectRefused("submodules");
}

TEST_F(GitSourcesTest, ALinkOutOfTheRepositoryIsRefused) {
  for (const char* target : {"/etc/hostname", "../outside", "src/../../outside"}) {
    fs::create_symlink(target, folder_ / "repo/out");
    repository_.Commit();
    source_ = repository_.Source();
    repository_.Install(source_, folders_);
    ExpectRefused("leads out of its repository");
    fs::remove(folder_ / "repo/out");
  }
}

TEST_F(GitSourcesTest, WithoutTheRepositoryNothingCanBeSaid) {
  ASSERT_THAT(RemoveAll(*folders_.GitRepository(source_)), IsOk());
  ExpectRefused("does not have the commit");
}

TEST_F(GitSourcesTest, ARepositoryIsOneRecordHoweverManyPackages) {
  Lockfile lock;
  for (const char* name : {"a", "b"}) lock.packages.push_back({name, "1.0.0", source_, "", {}, {}});
  const auto captured = CaptureGitSources(lock, folders_, processes_);
  ASSERT_THAT(captured, SizeIs(1));
  EXPECT_EQ(captured[0].record.package.checksum, GitSourceChecksum(source_));
  EXPECT_EQ(captured[0].record.package.source, source_);
  std::string whole;
  for (const CapturedBlob& blob : captured[0].blobs) {
    if (blob.digest != captured[0].record_digest) whole += *ReadBlob(blob);
  }
  EXPECT_EQ(whole, *Snapshot());
}

TEST_F(GitSourcesTest, WhatIsNotCheckedOutIsLeftOut) {
  Lockfile lock;
  lock.packages.push_back({"a", "1.0.0", "git+https://h/other#" + std::string(40, 'a'), "", {}, {}});
  EXPECT_THAT(CaptureGitSources(lock, folders_, processes_), IsEmpty());
}

}  // namespace
}  // namespace depcache::client
