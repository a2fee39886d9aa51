#include "cache/store/rocksdb/generation.h"

#include <utility>

#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/store/rocksdb/keys.h"

namespace depcache {
namespace {

// A batch holds its payloads once more in memory.
constexpr std::size_t kMaxBatchBytes = 8 << 20;

// What a frame borrows from. The value goes before the generation it is of.
struct PinnedValue {
  std::shared_ptr<Generation> generation;
  rocksdb::PinnableSlice value;
};

}  // namespace

Generation::Generation(std::shared_ptr<Database> database, const FoundGeneration& found)
    : database_(std::move(database)), number_(found.number), handle_(found.handle) {
  RefreshStoredBytes();
}

Generation::~Generation() {
  const rocksdb::Status closed = database_->db().DestroyColumnFamilyHandle(handle_);
  if (!closed.ok()) {
    Log(LogLevel::kWarn, "closing generation {}: {}", number_, closed.ToString());
  }
}

absl::Status Generation::Put(std::span<const NewBlob* const> blobs) {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  // Else a write that loses the race with a drop makes RocksDB refuse all
  // writes from then on.
  options.ignore_missing_column_families = true;
  std::size_t next = 0;
  while (next < blobs.size()) {
    rocksdb::WriteBatch batch;
    const std::size_t first = next;
    for (; next < blobs.size() && batch.GetDataSize() < kMaxBatchBytes; ++next) {
      const NewBlob& blob = *blobs[next];
      const std::string header = PayloadHeader(
          blob.digest.hash, static_cast<std::uint32_t>(blob.digest.size_bytes), blob.frame);
      const rocksdb::Slice key = ToSlice(blob.digest.hash.AsBytes());
      const rocksdb::Slice value[] = {ToSlice(header), ToSlice(blob.frame)};
      DEPCACHE_RETURN_IF_ERROR(FromRocksDb(
          batch.Put(handle_, rocksdb::SliceParts(&key, 1), rocksdb::SliceParts(value, 2)),
          "write payload"));
    }
    DEPCACHE_RETURN_IF_ERROR(FromRocksDb(database_->db().Write(options, &batch), "write payload"));
    unflushed_bytes_ += batch.GetDataSize();
    stored_bytes_ += batch.GetDataSize();
    UnmarkLost(blobs.subspan(first, next - first));
  }
  return absl::OkStatus();
}

void Generation::RefreshStoredBytes() {
  std::uint64_t files = 0, buffers = 0;
  database_->db().GetIntProperty(handle_, rocksdb::DB::Properties::kLiveSstFilesSize, &files);
  database_->db().GetIntProperty(handle_, rocksdb::DB::Properties::kCurSizeAllMemTables, &buffers);
  stored_bytes_ = files + buffers;
  has_new_files_ = true;
}

bool Generation::MarkLost(const BlobHash& hash) {
  MutexLock lock(mutex_);
  return lost_.insert(hash).second;
}

bool Generation::IsLost(const BlobHash& hash) const {
  MutexLock lock(mutex_);
  return lost_.contains(hash);
}

void Generation::KeepApart(std::span<const std::string> files) {
  MutexLock lock(mutex_);
  apart_.insert(files.begin(), files.end());
}

bool Generation::IsKeptApart(const std::string& file) const {
  MutexLock lock(mutex_);
  return apart_.contains(file);
}

void Generation::UnmarkLost(std::span<const NewBlob* const> blobs) {
  MutexLock lock(mutex_);
  if (lost_.empty()) return;
  for (const NewBlob* blob : blobs) lost_.erase(blob->digest.hash);
}

absl::StatusOr<Frame> ReadFrame(const std::shared_ptr<Generation>& generation,
                                const BlobHash& hash) {
  auto pinned = std::make_shared<PinnedValue>();
  const rocksdb::Status read = generation->database().db().Get(
      rocksdb::ReadOptions(), generation->handle(), ToSlice(hash.AsBytes()), &pinned->value);
  if (read.IsNotFound()) {
    return NotFound("no blob {} in generation {}", hash.ToShortHex(), generation->number());
  }
  if (read.IsCorruption() || read.IsIOError()) {
    return DataLoss("blob {} cannot be read: {}", hash.ToShortHex(), read.ToString());
  }
  DEPCACHE_RETURN_IF_ERROR(FromRocksDb(read, "read payload"));
  DEPCACHE_ASSIGN_OR_RETURN(const Payload payload, CheckPayload(hash, ToView(pinned->value)));
  pinned->generation = generation;
  return Frame{std::move(pinned), payload.frame, payload.plain_bytes};
}

}  // namespace depcache
