// The process which the crash test kills.
//
//   crash_child open <folder>
//       Opens the store; the exit code is the status code.
//   crash_child run <folder> <first commit> <point> <occurrence>
//       Commits, rotates and evicts, and says on file descriptor 3 what is
//       done, until it is killed: by the parent or, if <point> is not "-", by
//       itself at that occurrence of that point. Exits with 100 after
//       kMaxCommits of its own.

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include <unistd.h>

#include "cache/base/check.h"
#include "cache/base/log.h"
#include "cache/base/mutex.h"
#include "tests/cache/store/rocksdb/crash_workload.h"
#include "tests/cache/store/rocksdb/rocksdb_fixture.h"

namespace depcache::testing {
namespace {

constexpr int kReportFd = 3;
constexpr int kWriters = 2;
constexpr std::uint32_t kMaxCommits = 80;
constexpr std::uint32_t kCommitsPerGeneration = 4;
constexpr std::size_t kMaxGenerations = 3;
constexpr std::size_t kKeptCommits = 6;

void Report(CrashEvent event, std::uint32_t commit) {
  const CrashReport report{event, commit};
  DEPCACHE_CHECK(write(kReportFd, &report, sizeof report) == sizeof report);
}

void Check(const absl::Status& status) {
  if (status.ok()) return;
  Log(LogLevel::kError, "crash child: {}", status.ToString());
  std::exit(99);
}

class Workload {
 public:
  Workload(OpenedStore store, std::uint32_t first) : store_(std::move(store)), first_(first) {}

  // Writers commit side by side; what is evicted is chosen while they rest.
  void Run() {
    for (std::uint32_t done = 0; done < kMaxCommits; done += kCommitsPerGeneration) {
      std::atomic<std::uint32_t> next = first_ + done;
      const std::uint32_t end = next + kCommitsPerGeneration;
      std::vector<std::thread> writers;
      for (int i = 0; i < kWriters; ++i) {
        writers.emplace_back([&] {
          for (std::uint32_t commit = next++; commit < end; commit = next++) CommitOne(commit);
        });
      }
      for (std::thread& writer : writers) writer.join();
      Check(store_.blobs->Rotate());
      if (store_.blobs->Generations().size() > kMaxGenerations) Evict();
    }
  }

 private:
  void CommitOne(std::uint32_t commit) {
    const std::vector<TestBlob> blobs = BlobsOfCommit(commit);
    for (const TestBlob& blob : blobs) {
      const NewBlob written = blob.AsNew();
      Check(store_.blobs->Write({&written, 1}));
    }
    Check(store_.catalog->Commit(BatchOfCommit(commit)));
    Report(CrashEvent::kCommitted, commit);
  }

  // Forgets all but the newest commits, copies theirs forward, drops.
  void Evict() {
    std::set<std::uint32_t> commits;
    Check(store_.catalog->ScanLayers(CrashScope(), std::nullopt, [&](const LayerRecord& layer) {
      commits.insert(static_cast<std::uint32_t>(layer.created));
      return true;
    }));
    while (commits.size() > kKeptCommits) {
      const CommitBatch oldest = BatchOfCommit(*commits.begin());
      Report(CrashEvent::kErasing, *commits.begin());
      Check(store_.catalog->EraseLayer(oldest.scope, oldest.layer->recipe, oldest.layer->variant));
      Check(store_.catalog->EraseUnit(oldest.scope, oldest.units[0].ref));
      commits.erase(commits.begin());
    }
    for (const std::uint32_t commit : commits) {
      Check(store_.blobs->CopyForward(HashesOf(BlobsOfCommit(commit))));
    }
    Check(store_.blobs->DropOldest());
  }

  const OpenedStore store_;
  const std::uint32_t first_;
};

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) return 98;
  RocksDbOptions options = SmallOptions(arguments[1]);
  if (arguments[0] == "open") {
    SetLogLevel(LogLevel::kOff);
    return static_cast<int>(OpenRocksDbStore(options).status().code());
  }
  if (arguments.size() != 5) return 98;
  std::atomic<int> left = std::atoi(arguments[4].c_str());
  if (arguments[3] != "-") {
    options.on_point = [&](std::string_view point) {
      if (point == arguments[3] && --left == 0) std::raise(SIGKILL);
    };
  }
  auto store = OpenRocksDbStore(options);
  Check(store.status());
  Workload(*std::move(store), static_cast<std::uint32_t>(std::atoi(arguments[2].c_str()))).Run();
  return 100;
}

}  // namespace
}  // namespace depcache::testing

int main(int argc, char** argv) {
  return depcache::testing::Main(std::vector<std::string>(argv + 1, argv + argc));
}
