// A store on a disk that is really full: a small file system in memory, mounted
// where only this process sees it. Needs the right to mount; fails without.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <sched.h>

#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::AnyOf;

constexpr std::uint64_t kDiskBytes = 48 << 20;

// Where the disk is; "" if it could not be mounted.
std::filesystem::path g_disk;

// Before any thread is made, so that all of them see the disk.
class MountDisk : public ::testing::Environment {
 public:
  void SetUp() override {
    const auto point = MakeTempDir(::testing::TempDir(), "depcache-disk-");
    ASSERT_THAT(point, IsOk());
    const std::string size = "size=" + std::to_string(kDiskBytes);
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", point->c_str(), "tmpfs", 0, size.c_str()) != 0) {
      point_ = *point;
      FAIL() << "this test must mount a file system and cannot: " << std::strerror(errno)
             << "; run it as root, in a container with CAP_SYS_ADMIN";
    }
    point_ = g_disk = *point;
  }
  void TearDown() override {
    if (!g_disk.empty()) umount2(g_disk.c_str(), MNT_DETACH);
    rmdir(point_.c_str());
  }

 private:
  std::filesystem::path point_;
};

const ::testing::Environment* const kMounted = ::testing::AddGlobalTestEnvironment(new MountDisk);

int Rounds() {
  const char* rounds = std::getenv("DEPCACHE_FULL_DISK_ROUNDS");
  return rounds == nullptr ? 15 : std::atoi(rounds);
}

TestBlob BlobOf(int number) { return MakeRandomBlob(100'000, static_cast<std::uint64_t>(number)); }

class FullDiskTest : public PartsFixture {
 protected:
  void SetUp() override {
    ASSERT_FALSE(g_disk.empty()) << "no disk to fill";
    options().folder = g_disk / "store";
    options().write_buffer_bytes = 2 << 20;
    PartsFixture::SetUp();
  }
  void TearDown() override {
    Close();
    EmptyDisk();
    EXPECT_THAT(RemoveAll(g_disk / "store"), IsOk());
  }

  static std::uint64_t FreeBytes() {
    struct statvfs stats = {};
    EXPECT_EQ(statvfs(g_disk.c_str(), &stats), 0);
    return stats.f_bavail * stats.f_frsize;
  }
  // Takes all space but this.
  static void FillDiskTo(std::uint64_t left) {
    EmptyDisk();
    const std::uint64_t free_bytes = FreeBytes();
    if (free_bytes <= left) return;
    auto ballast = OpenFile(g_disk / "ballast", O_CREAT | O_WRONLY, 0600);
    ASSERT_THAT(ballast, IsOk());
    ASSERT_EQ(posix_fallocate(ballast->get(), 0, static_cast<off_t>(free_bytes - left)), 0);
  }
  static void EmptyDisk() { unlink((g_disk / "ballast").c_str()); }

  // Writes and commits new blobs until that is refused.
  absl::Status CommitUntilRefused() {
    for (int i = 0; i < 1000; ++i) {
      const absl::Status status = WriteAndCommit({BlobOf(next_)});
      if (!status.ok()) return status;
      committed_.push_back(next_++);
    }
    return absl::OkStatus();
  }
  void ExpectCommittedReadable() {
    for (const int number : committed_) {
      EXPECT_THAT(Read(BlobOf(number).hash()), IsOkAndHolds(BlobOf(number).plain)) << number;
    }
  }
  void ExpectWritesWork() {
    const TestBlob blob = BlobOf(next_);
    EXPECT_THAT(WriteAndCommit({blob}), IsOk());
    committed_.push_back(next_++);
    ASSERT_THAT(blobs().Rotate(), IsOk());
    EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
  }

  bool IsThere(int number) {
    const TestBlob blob = BlobOf(number);
    const auto states = blobs().Find({&blob.hash(), 1});
    return states.ok() && states->front().has_value();
  }

  int next_ = 0;
  std::vector<int> committed_;
};

TEST_F(FullDiskTest, WritesAreRefusedReadsGoOnAndWritesWorkAgain) {
  FillDiskTo(10 << 20);
  EXPECT_THAT(CommitUntilRefused(), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_GT(committed_.size(), 10u);
  parts().upkeep.Wait();
  FillDiskTo(0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(WriteAndCommit({BlobOf(9000 + i)}), StatusIs(absl::StatusCode::kResourceExhausted));
  }
  ExpectCommittedReadable();
  EmptyDisk();
  ExpectWritesWork();
  ASSERT_THAT(Open(), IsOk());
  ExpectCommittedReadable();
}

TEST_F(FullDiskTest, SpaceToKeepStopsWritesBeforeTheDiskIsFull) {
  options().min_free_bytes = 8 << 20;
  ASSERT_THAT(Open(), IsOk());
  FillDiskTo(12 << 20);
  EXPECT_THAT(CommitUntilRefused(), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_GT(FreeBytes(), 4u << 20);
  ExpectCommittedReadable();
  EmptyDisk();
  ExpectWritesWork();
}

// Nothing else is on the disk: only a drop can help.
TEST_F(FullDiskTest, DropBringsSpaceBack) {
  FillDiskTo(24 << 20);
  for (int i = 0; i < 100; ++i) ASSERT_THAT(WriteAndCommit({BlobOf(next_++)}), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  EXPECT_THAT(CommitUntilRefused(), StatusIs(absl::StatusCode::kResourceExhausted));
  parts().upkeep.Wait();
  FillDiskTo(0);
  EXPECT_THAT(WriteAndCommit({BlobOf(next_)}), StatusIs(absl::StatusCode::kResourceExhausted));
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  ExpectCommittedReadable();
  // RocksDB deletes the files on a thread of its own.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (FreeBytes() < (9 << 20) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_GE(FreeBytes(), 9u << 20);
  ExpectWritesWork();
  ASSERT_THAT(Open(), IsOk());
  ExpectCommittedReadable();
}

TEST_F(FullDiskTest, OpeningIsRefusedOrWorksAndWorksLater) {
  FillDiskTo(10 << 20);
  EXPECT_THAT(CommitUntilRefused(), StatusIs(absl::StatusCode::kResourceExhausted));
  Close();
  FillDiskTo(0);
  for (int i = 0; i < 2; ++i) {
    const absl::Status opened = Open();
    EXPECT_THAT(opened, AnyOf(IsOk(), StatusIs(absl::StatusCode::kResourceExhausted)));
  }
  EmptyDisk();
  ASSERT_THAT(Open(), IsOk());
  ExpectCommittedReadable();
  ExpectWritesWork();
}

// So many bytes left that a write fails in the payload, in the log, in the
// MANIFEST, or in what comes after: whatever is tried then, nothing aborts.
TEST_F(FullDiskTest, DiskMayFillUpAnywhereInAWrite) {
  const std::uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  std::mt19937_64 random(seed);
  const auto tried = AnyOf(IsOk(), StatusIs(absl::StatusCode::kResourceExhausted));
  for (int round = 0; round < Rounds() && !HasFailure(); ++round) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed << " round " << round);
    FillDiskTo(random() % (1ULL << (8 + random() % 15)));
    for (int step = 0; step < 12; ++step) {
      SCOPED_TRACE(::testing::Message() << "step " << step);
      switch (random() % 6) {
        case 0:
          EXPECT_THAT(blobs().Rotate(), tried);
          break;
        case 1:
          if (committed_.empty()) break;
          EXPECT_THAT(blobs().CopyForward(HashesOf({BlobOf(committed_.back())})), tried);
          break;
        case 2:
          EXPECT_THAT(catalog().EraseLayer(ScopeKey{}, RecipeHash{}, PartDigest{}), tried);
          break;
        case 3: {
          CommitBatch batch;  // nothing but a row of a hundred bytes, or of many
          batch.layer = LayerRecord{};
          batch.layer->index.resize(random() % 1000);
          EXPECT_THAT(catalog().Commit(batch), tried);
          break;
        }
        default: {
          const absl::Status status = WriteAndCommit({BlobOf(next_)});
          EXPECT_THAT(status, tried);
          if (status.ok()) committed_.push_back(next_);
          ++next_;
        }
      }
    }
    ExpectCommittedReadable();
    EmptyDisk();
    ExpectWritesWork();
    if (round % 3 == 0) {
      ASSERT_THAT(Open(), IsOk());
    }
    ExpectCommittedReadable();
    // Room for the next round.
    while (blobs().Generations().size() > 2) ASSERT_THAT(blobs().DropOldest(), IsOk());
    std::erase_if(committed_, [this](int number) { return !IsThere(number); });
  }
}

}  // namespace
}  // namespace depcache::testing
