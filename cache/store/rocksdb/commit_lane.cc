#include "cache/store/rocksdb/commit_lane.h"

#include <set>
#include <utility>

#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/store/rocksdb/commit_rows.h"
#include "cache/store/rocksdb/rows.h"

namespace depcache {

CommitLane::CommitLane(std::shared_ptr<Database> database, Generations& generations,
                       BlobIndex& index, OnPoint on_point)
    : database_(std::move(database)),
      generations_(generations),
      index_(index),
      on_point_(std::move(on_point)),
      commits_([this](std::span<const CommitRequest> requests) { return RunRound(requests); }) {}

absl::Status CommitLane::Persist() {
  MutexLock lock(mutex_);
  DEPCACHE_RETURN_IF_ERROR(database_->EnsureResumed());
  return RunRoundLocked({});
}

absl::Status CommitLane::RunRound(std::span<const CommitRequest> requests) {
  MutexLock lock(mutex_);
  DEPCACHE_RETURN_IF_ERROR(database_->EnsureWritable());
  return RunRoundLocked(requests);
}

// Payload first, rows after it: a crash in between leaves bytes that nobody
// finds, never a row without its bytes.
absl::Status CommitLane::RunRoundLocked(std::span<const CommitRequest> requests) {
  const std::vector<BlobIndex::WaitingRow> waiting = index_.Waiting();
  DEPCACHE_RETURN_IF_ERROR(FlushPayload(waiting));
  AtPoint("flush");
  CommitRows rows(*database_);
  for (const BlobIndex::WaitingRow& row : waiting) {
    DEPCACHE_RETURN_IF_ERROR(rows.Add(row.hash, row.row));
  }
  for (const CommitRequest& request : requests) DEPCACHE_RETURN_IF_ERROR(rows.Add(request));
  if (!rows.empty()) {
    DEPCACHE_RETURN_IF_ERROR(database_->Write(rows.batch(), Database::Durability::kNow));
    ++commits_since_flush_;
  }
  index_.Settle(waiting);
  AtPoint("commit");
  return absl::OkStatus();
}

absl::Status CommitLane::FlushPayload(std::span<const BlobIndex::WaitingRow> rows) {
  std::set<std::uint32_t> numbers;
  for (const BlobIndex::WaitingRow& row : rows) numbers.insert(row.row.generation);
  std::vector<std::shared_ptr<Generation>> written;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  for (const std::uint32_t number : numbers) {
    std::shared_ptr<Generation> generation = generations_.Find(number);
    if (generation == nullptr) continue;
    handles.push_back(generation->handle());
    written.push_back(std::move(generation));
  }
  if (handles.empty()) return absl::OkStatus();
  DEPCACHE_RETURN_IF_ERROR(database_->Flush(handles));
  for (const std::shared_ptr<Generation>& generation : written) generation->RefreshStoredBytes();
  return absl::OkStatus();
}

absl::Status CommitLane::Rotate() {
  MutexLock lock(mutex_);
  DEPCACHE_RETURN_IF_ERROR(database_->EnsureWritable());
  DEPCACHE_RETURN_IF_ERROR(generations_.Rotate());
  AtPoint("rotate");
  return absl::OkStatus();
}

absl::Status CommitLane::DropOldest() {
  MutexLock lock(mutex_);
  const std::vector<std::shared_ptr<Generation>> all = generations_.All();
  if (all.size() < 2) return FailedPrecondition("the newest generation cannot be dropped");
  absl::Status persisted = database_->EnsureResumed();
  if (persisted.ok()) persisted = RunRoundLocked({});
  if (!persisted.ok()) {
    if (persisted.code() != absl::StatusCode::kResourceExhausted) return persisted;
    // Dropping is how space comes back. Copies that are in memory only are
    // lost if the process ends before the next commit.
    Log(LogLevel::kWarn, "dropping a generation on a full disk: {}", ToText(persisted));
  }
  AtPoint("drop");
  DEPCACHE_RETURN_IF_ERROR(generations_.DropOldest());
  index_.DropWaiting(all.front()->number());
  AtPoint("drop");
  return absl::OkStatus();
}

absl::Status CommitLane::Erase(Family family, std::string_view key) {
  MutexLock lock(mutex_);
  bool is_there = false;
  DEPCACHE_RETURN_IF_ERROR(GetRows(*database_, family, {&key, 1},
                                   [&](std::size_t, std::string_view) { is_there = true; }));
  if (!is_there) return absl::OkStatus();
  DEPCACHE_RETURN_IF_ERROR(database_->EnsureResumed());
  rocksdb::WriteBatch batch;
  DEPCACHE_RETURN_IF_ERROR(
      FromRocksDb(batch.Delete(database_->family(family), ToSlice(key)), "erase"));
  return database_->Write(batch, Database::Durability::kNow);
}

absl::Status CommitLane::Sweep(Family family, std::span<const std::string> keys,
                               const std::function<bool(std::string_view key)>& is_wanted) {
  MutexLock lock(mutex_);
  DEPCACHE_RETURN_IF_ERROR(database_->EnsureResumed());
  rocksdb::WriteBatch batch;
  for (const std::string& key : keys) {
    if (is_wanted(key)) continue;
    DEPCACHE_RETURN_IF_ERROR(FromRocksDb(batch.Delete(database_->family(family), key), "sweep"));
  }
  if (batch.Count() == 0) return absl::OkStatus();
  return database_->Write(batch, Database::Durability::kLater);
}

absl::StatusOr<Frame> CommitLane::Reread(const std::shared_ptr<Generation>& generation,
                                         const BlobHash& hash) {
  MutexLock lock(mutex_);
  absl::StatusOr<Frame> again = ReadFrame(generation, hash);
  if (again.ok() || absl::IsUnavailable(again.status())) return again;
  const bool is_first = generation->MarkLost(hash);
  index_.DropWaiting(hash, generation->number());
  // The row would promise the blob again after a restart.
  bool is_named = false;
  const std::string_view key = hash.AsBytes();
  DEPCACHE_RETURN_IF_ERROR(
      GetRows(*database_, Family::kBlobIndex, {&key, 1}, [&](std::size_t, std::string_view value) {
        const absl::StatusOr<BlobRow> row = DecodeBlobRow(value);
        is_named = row.ok() && row->generation == generation->number();
      }));
  if (is_named && database_->EnsureResumed().ok()) {
    rocksdb::WriteBatch batch;
    DEPCACHE_RETURN_IF_ERROR(
        FromRocksDb(batch.Delete(database_->family(Family::kBlobIndex), ToSlice(key)), "erase"));
    // A failure costs nothing here: the mark stands until a restart.
    const absl::Status erased = database_->Write(batch, Database::Durability::kLater);
    if (!erased.ok()) Log(LogLevel::kWarn, "forgetting a lost blob: {}", ToText(erased));
  }
  if (!is_first) return NotFound("no blob {}", hash.ToShortHex());
  return DataLoss("blob {} is lost: {}", hash.ToShortHex(), MessageOf(again.status()));
}

int CommitLane::commits_since_flush() const {
  MutexLock lock(mutex_);
  return commits_since_flush_;
}

absl::Status CommitLane::FlushRows() {
  MutexLock lock(mutex_);
  DEPCACHE_RETURN_IF_ERROR(database_->EnsureResumed());
  DEPCACHE_RETURN_IF_ERROR(database_->FlushRows());
  commits_since_flush_ = 0;
  return absl::OkStatus();
}

}  // namespace depcache
