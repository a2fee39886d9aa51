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

struct Merge {
  std::vector<std::string> files;  // none: nothing to merge
  std::uint64_t bytes = 0;
};

Merge NextMerge(const Generation& generation) {
  rocksdb::ColumnFamilyMetaData found;
  generation.database().db().GetColumnFamilyMetaData(generation.handle(), &found);
  const std::vector<rocksdb::SstFileMetaData>& files = found.levels.at(0).files;
  std::vector<std::uint64_t> sizes;
  for (const rocksdb::SstFileMetaData& file : files) {
    sizes.push_back(generation.IsKeptApart(file.name) ? kUnmergeable : file.size);
  }
  const FileRun run = PlanMerge(sizes).value_or(FileRun{});
  Merge merge;
  for (std::size_t i = run.first; i < run.first + run.count; ++i) {
    merge.files.push_back(files[i].name);
    merge.bytes += files[i].size;
  }
  return merge;
}

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
    if (generation->TakeHasNewFiles()) MergeFiles(*generation);
  }
  if (!is_stopping_ && generations_.TakeEnded()) SweepRows();
}

void Upkeep::MergeFiles(Generation& generation) {
  while (!is_stopping_ && !database_->has_error()) {
    const Merge merge = NextMerge(generation);
    // The merged file is written before the others go.
    if (merge.files.empty() || !database_->HasRoomFor(merge.bytes)) return;
    rocksdb::CompactionOptions options;
    options.compression = rocksdb::kNoCompression;
    const ScopedMerge scoped_merge;
    const rocksdb::Status merged =
        database_->db().CompactFiles(options, generation.handle(), merge.files, /*output_level=*/0);
    if (merged.IsColumnFamilyDropped() || merged.IsNoSpace()) return;
    if (!merged.ok()) {
      // The blobs of a damaged file that can be read still are.
      Log(LogLevel::kWarn, "{} files of generation {} are not merged: {}", merge.files.size(),
          generation.number(), merged.ToString());
      generation.KeepApart(merge.files);
    }
    generation.RefreshStoredBytes();
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
