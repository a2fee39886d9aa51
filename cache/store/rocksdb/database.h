// The one RocksDB of a store: opening it, writing to it, and what is done when
// it refuses writes.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "cache/store/rocksdb/ballast.h"
#include "cache/store/rocksdb/events.h"
#include "cache/store/rocksdb/rocksdb_store.h"

namespace depcache {

// "action: message". A full disk is RESOURCE_EXHAUSTED, all else UNAVAILABLE.
absl::Status FromRocksDb(const rocksdb::Status& status, std::string_view action);

inline rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Column families of rows; keys.h says what is in them.
enum class Family : int { kState, kBlobIndex, kBlobRef, kLayer, kUnit, kPackage, kReport };
inline constexpr int kFamilyCount = 7;

struct FoundGeneration {
  std::uint32_t number = 0;
  rocksdb::ColumnFamilyHandle* handle = nullptr;  // owned
};

// Thread-safe up to Resume. Generations hold it, so it is closed after the last
// of them.
class Database {
 public:
  // Opens and checks the schema. Errors: as OpenRocksDbStore.
  static absl::StatusOr<std::shared_ptr<Database>> Open(const RocksDbOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(Family family) const {
    return families_[static_cast<std::size_t>(family)];
  }
  // The generations that were there at Open, in no order; the caller owns the
  // handles. Once only.
  std::vector<FoundGeneration> TakeGenerations();

  // Errors: RESOURCE_EXHAUSTED (below min_free_bytes); UNAVAILABLE.
  absl::Status EnsureSpace();
  // True if so many bytes can be written beside the space to keep.
  bool HasRoomFor(std::uint64_t bytes) const;
  // True if RocksDB refuses writes until Resume.
  bool has_error() const { return errors_->has_error(); }

  // What follows is for one thread at a time (CommitLane's), and but for Resume
  // not while there is an error: RocksDB asserts on a log or a MANIFEST it could
  // not write to.

  // Takes writes again after an error, if there is room for what is in memory.
  // Errors: RESOURCE_EXHAUSTED; UNAVAILABLE.
  absl::Status Resume();

  enum class Durability { kNow, kLater };
  // With a write-ahead log. Flushes the rows now and then, so that the log
  // stays short.
  absl::Status Write(rocksdb::WriteBatch& batch, Durability durability);
  absl::Status Flush(const std::vector<rocksdb::ColumnFamilyHandle*>& families);
  absl::Status FlushRows();

  // The caller owns the handle.
  absl::StatusOr<rocksdb::ColumnFamilyHandle*> CreateGeneration(std::uint32_t number);
  // The handle stays readable. Works after an error and on a full disk too,
  // with what the ballast frees.
  absl::Status DropGeneration(rocksdb::ColumnFamilyHandle* handle);

 private:
  absl::Status WaitForFlush(const std::vector<rocksdb::ColumnFamilyHandle*>& families);
  Database(const RocksDbOptions& options, std::shared_ptr<BackgroundErrors> errors);
  absl::Status OpenFamilies(const std::vector<std::string>& found);
  absl::Status CheckSchema();
  // A change of the list of column families that fails half-way leaves RocksDB
  // with a broken MANIFEST writer. Resume repairs that, but asserts that file
  // deletions are off, which RocksDB forgets to do here.
  absl::Status ChangeFamilies(std::string_view action,
                              const std::function<rocksdb::Status()>& change);

  // Makes sure that something waits in memory for a flush. When a write to the
  // log has failed, Resume takes a new log only if there is something to flush;
  // else the next write hits an assertion of the old one.
  absl::Status KeepSomethingUnflushed();

  const RocksDbOptions options_;
  const std::shared_ptr<BackgroundErrors> errors_;
  Ballast ballast_;
  rocksdb::ColumnFamilyOptions payload_options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::vector<FoundGeneration> found_;
  int deletions_off_ = 0;
  int flushes_since_rows_ = 0;
  std::uint64_t logged_bytes_ = 0;
};

}  // namespace depcache
