#include "cache/store/rocksdb/commit_lane.h"

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
      commits_([this](GroupCommit::Batches batches) { return RunRound(batches); }) {}

absl::Status CommitLane::EnsureWritable() {
  DEPCACHE_RETURN_IF_ERROR(database_->EnsureSpace());
  if (!database_->has_error()) return absl::OkStatus();
  MutexLock lock(mutex_);
  return Resume();
}

absl::Status CommitLane::Resume() {
  if (!database_->has_error()) return absl::OkStatus();
  DEPCACHE_RETURN_IF_ERROR(database_->Resume());
  Log(LogLevel::kInfo, "the store takes writes again");
  return absl::OkStatus();
}

absl::Status CommitLane::Persist() {
  MutexLock lock(mutex_);
  DEPCACHE_RETURN_IF_ERROR(Resume());
  return RunRoundLocked({});
}

absl::Status CommitLane::RunRound(GroupCommit::Batches batches) {
  DEPCACHE_RETURN_IF_ERROR(database_->EnsureSpace());
  MutexLock lock(mutex_);
  DEPCACHE_RETURN_IF_ERROR(Resume());
  return RunRoundLocked(batches);
}

// Payload first, rows after it: a crash in between leaves bytes that nobody
// finds, never a row without its bytes.
absl::Status CommitLane::RunRoundLocked(GroupCommit::Batches batches) {
  const std::vector<BlobIndex::WaitingRow> waiting = index_.Waiting();
  std::set<std::uint32_t> numbers;
  for (const BlobIndex::WaitingRow& row : waiting) numbers.insert(row.row.generation);
  DEPCACHE_RETURN_IF_ERROR(FlushGenerations(numbers));
  AtPoint("flush");
  CommitRows rows(*database_);
  for (const BlobIndex::WaitingRow& row : waiting) {
    DEPCACHE_RETURN_IF_ERROR(rows.Add(row.hash, row.row));
  }
  for (const CommitBatch* batch : batches) DEPCACHE_RETURN_IF_ERROR(rows.Add(*batch));
  if (!rows.empty()) {
    DEPCACHE_RETURN_IF_ERROR(database_->Write(rows.batch(), Database::Durability::kNow));
  }
  index_.Settle(waiting);
  AtPoint("commit");
  return absl::OkStatus();
}

absl::Status CommitLane::FlushGenerations(const std::set<std::uint32_t>& numbers) {
  for (const std::uint32_t number : numbers) {
    const std::shared_ptr<Generation> generation = generations_.Find(number);
    if (generation == nullptr) continue;
    const std::uint64_t unflushed = generation->unflushed_bytes();
    // All that waits in it may have been flushed for its size.
    if (unflushed == 0) continue;
    DEPCACHE_RETURN_IF_ERROR(database_->Flush({generation->handle()}));
    generation->SubtractFlushed(unflushed);
    generation->RefreshStoredBytes();
  }
  return absl::OkStatus();
}

absl::Status CommitLane::FlushIfLarge(const std::shared_ptr<Generation>& generation,
                                      std::uint64_t max_bytes) {
  if (generation->unflushed_bytes() < max_bytes) return absl::OkStatus();
  MutexLock lock(mutex_);
  if (generation->unflushed_bytes() < max_bytes) return absl::OkStatus();
  DEPCACHE_RETURN_IF_ERROR(Resume());
  return FlushGenerations({generation->number()});
}

absl::Status CommitLane::FlushRows() {
  MutexLock lock(mutex_);
  DEPCACHE_RETURN_IF_ERROR(Resume());
  return database_->FlushRows();
}

absl::Status CommitLane::Rotate() {
  DEPCACHE_RETURN_IF_ERROR(database_->EnsureSpace());
  MutexLock lock(mutex_);
  DEPCACHE_RETURN_IF_ERROR(Resume());
  DEPCACHE_RETURN_IF_ERROR(generations_.Rotate());
  AtPoint("rotate");
  return absl::OkStatus();
}

absl::Status CommitLane::DropOldest() {
  absl::Status persisted;
  {
    MutexLock lock(mutex_);
    const std::vector<std::shared_ptr<Generation>> all = generations_.All();
    if (all.size() < 2) return FailedPrecondition("the newest generation cannot be dropped");
    persisted = Resume();
    if (persisted.ok()) persisted = RunRoundLocked({});
    // Dropping is how space comes back.
    if (!persisted.ok() && !absl::IsResourceExhausted(persisted)) return persisted;
    AtPoint("drop");
    DEPCACHE_RETURN_IF_ERROR(generations_.DropOldest());
    index_.DropWaiting(all.front()->number());
    AtPoint("drop");
  }
  if (!persisted.ok()) {
    Log(LogLevel::kWarn,
        "dropped a generation on a full disk; until the next commit, a crash loses what was "
        "copied out of it: {}",
        ToText(persisted));
  }
  return absl::OkStatus();
}

absl::Status CommitLane::Put(Family family, std::string_view key, std::string_view value) {
  DEPCACHE_RETURN_IF_ERROR(database_->EnsureSpace());
  MutexLock lock(mutex_);
  DEPCACHE_RETURN_IF_ERROR(Resume());
  rocksdb::WriteBatch batch;
  DEPCACHE_RETURN_IF_ERROR(FromRocksDb(
      batch.Put(database_->family(family), ToSlice(key), ToSlice(value)), "write a row"));
  return database_->Write(batch, Database::Durability::kNow);
}

absl::Status CommitLane::Erase(Family family, std::string_view key) {
  MutexLock lock(mutex_);
  bool is_there = false;
  DEPCACHE_RETURN_IF_ERROR(GetRows(*database_, family, {&key, 1},
                                   [&](std::size_t, std::string_view) { is_there = true; }));
  if (!is_there) return absl::OkStatus();
  DEPCACHE_RETURN_IF_ERROR(Resume());
  rocksdb::WriteBatch batch;
  DEPCACHE_RETURN_IF_ERROR(
      FromRocksDb(batch.Delete(database_->family(family), ToSlice(key)), "erase"));
  return database_->Write(batch, Database::Durability::kNow);
}

absl::Status CommitLane::Sweep(Family family, std::span<const std::string> keys,
                               const std::function<bool(std::string_view key)>& is_wanted) {
  MutexLock lock(mutex_);
  DEPCACHE_RETURN_IF_ERROR(Resume());
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
  absl::Status forgotten;
  bool is_first = false;
  absl::StatusOr<Frame> again;
  {
    MutexLock lock(mutex_);
    again = ReadFrame(generation, hash);
    if (again.ok() || absl::IsUnavailable(again.status())) return again;
    is_first = generation->MarkLost(hash);
    index_.DropWaiting(hash, generation->number());
    forgotten = ForgetLost(*generation, hash);
  }
  // The mark stands until a restart; only after one the loss is told again.
  if (!forgotten.ok()) Log(LogLevel::kWarn, "forgetting a lost blob: {}", ToText(forgotten));
  if (!is_first) return NotFound("no blob {}", hash.ToShortHex());
  return DataLoss("blob {} is lost: {}", hash.ToShortHex(), MessageOf(again.status()));
}

// Deletes the row of a blob if it names `generation`.
absl::Status CommitLane::ForgetLost(const Generation& generation, const BlobHash& hash) {
  bool is_named = false;
  const std::string_view key = hash.AsBytes();
  DEPCACHE_RETURN_IF_ERROR(
      GetRows(*database_, Family::kBlobIndex, {&key, 1}, [&](std::size_t, std::string_view value) {
        const absl::StatusOr<BlobRow> row = DecodeBlobRow(value);
        is_named = row.ok() && row->generation == generation.number();
      }));
  if (!is_named) return absl::OkStatus();
  DEPCACHE_RETURN_IF_ERROR(Resume());
  rocksdb::WriteBatch batch;
  DEPCACHE_RETURN_IF_ERROR(
      FromRocksDb(batch.Delete(database_->family(Family::kBlobIndex), ToSlice(key)), "erase"));
  return database_->Write(batch, Database::Durability::kLater);
}

}  // namespace depcache
