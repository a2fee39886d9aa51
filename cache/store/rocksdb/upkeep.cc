#include "cache/store/rocksdb/upkeep.h"

#include <utility>
#include <vector>

#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/store/rocksdb/events.h"
#include "cache/store/rocksdb/merge_plan.h"
#include "cache/store/rocksdb/sweep.h"

namespace depcache {
namespace {

constexpr int kMaxCommitsUnflushed = 64;

}  // namespace

Upkeep::Upkeep(std::shared_ptr<Database> database, Generations& generations, BlobIndex& index,
               CommitLane& lane)
    : database_(std::move(database)), generations_(generations), index_(index), lane_(lane) {}

void Upkeep::Notice() {
  if (is_queued_.exchange(true)) return;
  pool_.Add([this] { Run(); });
}

void Upkeep::Run() {
  is_queued_ = false;
  for (const std::shared_ptr<Generation>& generation : generations_.All()) {
    if (generation->TakeHasNewFiles()) MergeFiles(generation);
  }
  if (!is_stopping_ && lane_.commits_since_flush() >= kMaxCommitsUnflushed) {
    const absl::Status flushed = lane_.FlushRows();
    if (!flushed.ok()) Log(LogLevel::kWarn, "flushing rows: {}", ToText(flushed));
  }
  if (!is_stopping_ && generations_.TakeEnded()) SweepRows();
}

void Upkeep::MergeFiles(const std::shared_ptr<Generation>& generation) {
  rocksdb::CompactionOptions options;
  options.compression = rocksdb::kNoCompression;
  while (!is_stopping_ && database_->EnsureWritable().ok()) {
    rocksdb::ColumnFamilyMetaData files;
    database_->db().GetColumnFamilyMetaData(generation->handle(), &files);
    std::vector<std::uint64_t> sizes;
    for (const rocksdb::SstFileMetaData& file : files.levels.at(0).files) {
      sizes.push_back(file.size);
    }
    const std::optional<FileRun> run = PlanMerge(sizes);
    if (!run) return;
    std::vector<std::string> names;
    for (std::size_t i = run->first; i < run->first + run->count; ++i) {
      names.push_back(files.levels[0].files[i].name);
    }
    const ScopedMerge merge;
    const rocksdb::Status merged =
        database_->db().CompactFiles(options, generation->handle(), names, /*output_level=*/0);
    if (!merged.ok()) {
      // A damaged file stays as it is: its good blobs can still be read.
      Log(LogLevel::kWarn, "merging files of generation {}: {}", generation->number(),
          merged.ToString());
      return;
    }
    generation->RefreshStoredBytes();
  }
}

void Upkeep::SweepRows() {
  const absl::StatusOr<SweepCounts> swept =
      depcache::SweepRows(*database_, generations_, index_, lane_, is_stopping_);
  if (!swept.ok()) {
    Log(LogLevel::kWarn, "sweeping rows: {}", ToText(swept.status()));
    return;
  }
  Log(LogLevel::kDebug, "swept {} rows of blobs and {} refs", swept->rows, swept->refs);
}

}  // namespace depcache
