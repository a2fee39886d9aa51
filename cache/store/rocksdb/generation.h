// One generation: a column family of payloads, and what we know of it.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/mutex.h"
#include "cache/store/blob_store.h"
#include "cache/store/rocksdb/database.h"

namespace depcache {

// Lives as long as somebody reads from it: dropping the column family only
// takes it out of the database, its files go with the last reference. Keeps
// the database open. Thread-safe.
class Generation {
 public:
  // Takes the handle.
  Generation(std::shared_ptr<Database> database, const FoundGeneration& found);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  std::uint32_t number() const { return number_; }
  rocksdb::ColumnFamilyHandle* handle() const { return handle_; }
  Database& database() const { return *database_; }

  // Adds payloads, over what is there: visible at once, durable after a flush.
  // Does nothing after a drop. Errors: RESOURCE_EXHAUSTED; UNAVAILABLE.
  absl::Status Put(std::span<const NewBlob* const> blobs);

  // Puts since the last flush that FlushGenerations did.
  std::uint64_t unflushed_bytes() const { return unflushed_bytes_; }
  void SubtractFlushed(std::uint64_t bytes) { unflushed_bytes_ -= bytes; }

  // Of the files and of what waits for a flush, as of the last
  // RefreshStoredBytes and what was put since.
  std::uint64_t stored_bytes() const { return stored_bytes_; }
  void RefreshStoredBytes();

  // True once after RefreshStoredBytes: there may be files to merge.
  bool TakeHasNewFiles() { return has_new_files_.exchange(false); }

  // Files which a merge could not read: no merge takes them again.
  void KeepApart(std::span<const std::string> files);
  bool IsKeptApart(const std::string& file) const;

  // Blobs which could not be read. False if it was marked before: so of many
  // readers one reports the loss.
  bool MarkLost(const BlobHash& hash);
  bool IsLost(const BlobHash& hash) const;

 private:
  void UnmarkLost(std::span<const NewBlob* const> blobs);

  const std::shared_ptr<Database> database_;
  const std::uint32_t number_;
  rocksdb::ColumnFamilyHandle* const handle_;
  std::atomic<std::uint64_t> unflushed_bytes_ = 0;
  std::atomic<std::uint64_t> stored_bytes_ = 0;
  std::atomic<bool> has_new_files_ = true;

  mutable Mutex mutex_;
  std::set<BlobHash> lost_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> apart_ ABSL_GUARDED_BY(mutex_);
};

// The frame of a blob, checked, without a copy where RocksDB has it in a block;
// it keeps `generation` alive.
// Errors: NOT_FOUND; DATA_LOSS (damaged, or its file cannot be read);
// UNAVAILABLE.
absl::StatusOr<Frame> ReadFrame(const std::shared_ptr<Generation>& generation,
                                const BlobHash& hash);

}  // namespace depcache
