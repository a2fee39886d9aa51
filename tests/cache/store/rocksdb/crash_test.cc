// Kills a process that writes, opens what it leaves, and looks whether what was
// promised is there. DEPCACHE_KILL_ROUNDS sets how often.

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <set>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spawn.h>

#include "tests/cache/store/rocksdb/crash_workload.h"
#include "tests/cache/store/rocksdb/rocksdb_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;

constexpr int kReportFd = 3;
constexpr int kDefaultRounds = 25;
constexpr const char* kPoints[] = {"write", "flush", "commit", "rotate", "drop"};

int KillRounds() {
  const char* rounds = std::getenv("DEPCACHE_KILL_ROUNDS");
  return rounds == nullptr ? kDefaultRounds : std::atoi(rounds);
}

// A crash_child and the pipe it reports on.
class Child {
 public:
  explicit Child(std::vector<std::string> arguments) {
    int ends[2] = {};
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    reports_ = UniqueFd(ends[0]);
    UniqueFd writing(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, writing.get(), kReportFd);
    arguments.insert(arguments.begin(), DEPCACHE_CRASH_CHILD);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    EXPECT_EQ(posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Child() {
    if (pid_ <= 0) return;
    Kill();
    Wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void Kill() const { kill(pid_, SIGKILL); }
  int Wait() {
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    pid_ = 0;
    return status;
  }
  // The next report, or nullopt when there is no writer any more.
  std::optional<CrashReport> Next() const {
    CrashReport report;
    if (read(reports_.get(), &report, sizeof report) != sizeof report) return std::nullopt;
    return report;
  }
  // Lets it run on for so long, unless it ends before.
  void LetRun(std::chrono::milliseconds time) const {
    pollfd hangup = {reports_.get(), 0, 0};
    poll(&hangup, 1, static_cast<int>(time.count()));
  }

 private:
  pid_t pid_ = 0;
  UniqueFd reports_;
};

class CrashTest : public RocksDbFixture {
 protected:
  // One life of the child, to its death.
  void Live(const std::string& point, int occurrence, std::uint64_t random) {
    Child child({"run", folder().native(), std::to_string(next_commit_), point,
                 std::to_string(occurrence)});
    if (point == "-") {
      // Anywhere: in the first open, in a commit, in RocksDB's own threads.
      std::uint64_t reports = random % 15;
      while (reports-- > 0) {
        const auto report = child.Next();
        if (!report) break;
        Note(*report);
      }
      child.LetRun(std::chrono::milliseconds(random / 100 % 60));
      child.Kill();
    }
    while (const auto report = child.Next()) Note(*report);
    const int status = child.Wait();
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        << "the child ended by itself with " << status << "; point " << point << " not reached?";
    next_commit_ += 100;
  }

  void Note(const CrashReport& report) {
    if (report.event == CrashEvent::kCommitted) committed_.insert(report.commit);
    if (report.event == CrashEvent::kErasing) erased_.insert(report.commit);
  }

  // All that must be there is, and nothing that is there is wrong.
  void Verify() {
    ASSERT_THAT(Open(), IsOk());
    std::set<std::uint32_t> found;
    ASSERT_THAT(catalog().ScanLayers(CrashScope(), std::nullopt,
                                     [&](const LayerRecord& layer) {
                                       found.insert(static_cast<std::uint32_t>(layer.created));
                                       return true;
                                     }),
                IsOk());
    for (const std::uint32_t commit : committed_) {
      if (!erased_.contains(commit)) {
        EXPECT_TRUE(found.contains(commit)) << "lost: " << commit;
      }
    }
    for (const std::uint32_t commit : found) {
      if (!erased_.contains(commit)) VerifyWhole(commit);
    }
    VerifyFoundBlobs();
    Close();
  }

  void VerifyWhole(std::uint32_t commit) {
    const CommitBatch batch = BatchOfCommit(commit);
    EXPECT_THAT(catalog().FindLayers(batch.scope, batch.layer->recipe),
                IsOkAndHolds(ElementsAre(*batch.layer)));
    EXPECT_THAT(catalog().FindUnits(batch.scope, {&batch.units[0].ref.key, 1}),
                IsOkAndHolds(ElementsAre(batch.units)));
    EXPECT_THAT(catalog().FindRefs(batch.scope, batch.refs),
                IsOkAndHolds(std::vector<bool>(batch.refs.size(), true)));
    for (const TestBlob& blob : BlobsOfCommit(commit)) {
      EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain)) << "hole in " << commit;
    }
  }

  // What Find promises can be read, whoever wrote it.
  void VerifyFoundBlobs() {
    for (const std::uint32_t commit : erased_) {
      for (const TestBlob& blob : BlobsOfCommit(commit)) {
        if (!Finds(blob.hash())) continue;
        EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain)) << "row without payload";
      }
    }
    // Old ones have been looked at often enough.
    while (erased_.size() > 40) erased_.erase(erased_.begin());
    committed_.erase(committed_.begin(), committed_.lower_bound(*erased_.begin()));
  }

  std::uint32_t next_commit_ = 1;
  std::set<std::uint32_t> committed_;
  std::set<std::uint32_t> erased_ = {0};
};

TEST_F(CrashTest, KilledAnywhereItKeepsWhatWasCommitted) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  std::size_t commits = 0;
  for (int round = 0; round < KillRounds() && !HasFailure(); ++round) {
    // Each point in turn, and as often at any moment.
    const bool is_at_point = round % 2 == 0;
    const std::string point = is_at_point ? kPoints[static_cast<std::size_t>(round) / 2 % std::size(kPoints)] : "-";
    const int occurrence = 1 + static_cast<int>(random() % 4);
    SCOPED_TRACE(::testing::Message() << "round " << round << ": " << point << " " << occurrence);
    Live(point, occurrence, random());
    commits += committed_.size();
    Verify();
  }
  std::printf("%d kills, %zu commits seen\n", KillRounds(), commits);
}

TEST_F(CrashTest, SecondProcessIsRefused) {
  ASSERT_THAT(Open(), IsOk());
  const int refused = Child({"open", folder().native()}).Wait();
  ASSERT_TRUE(WIFEXITED(refused));
  EXPECT_EQ(WEXITSTATUS(refused), static_cast<int>(absl::StatusCode::kFailedPrecondition));
  Close();
  const int opened = Child({"open", folder().native()}).Wait();
  ASSERT_TRUE(WIFEXITED(opened));
  EXPECT_EQ(WEXITSTATUS(opened), 0);
}

}  // namespace
}  // namespace depcache::testing
