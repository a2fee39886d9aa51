#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/base/digest.h"
#include "cache/base/mutex.h"
#include "cache/store/rocksdb/database.h"
#include "cache/store/rocksdb/keys.h"

namespace depcache {

// Which generation holds a blob.
//
// A row must never be durable before its payload is: after a crash it would
// promise a blob which is not there. So a new row waits in memory, where it is
// as visible as any, until a commit has flushed the payload.
//
// Thread-safe.
class BlobIndex {
 public:
  explicit BlobIndex(std::shared_ptr<Database> database) : database_(std::move(database)) {}

  // One entry per hash. Whether the generation is still there is not looked
  // at. Errors: UNAVAILABLE.
  absl::StatusOr<std::vector<std::optional<BlobRow>>> Lookup(
      std::span<const BlobHash> hashes) const;

  // A waiting row. Adding it again makes another: what was copied of the first
  // does not settle it.
  struct WaitingRow {
    BlobHash hash;
    BlobRow row;
    std::uint64_t serial = 0;
  };
  void Add(const BlobHash& hash, const BlobRow& row);
  std::vector<WaitingRow> Waiting() const;
  std::size_t waiting_count() const;
  // These are durable.
  void Settle(std::span<const WaitingRow> rows);
  // Forgets waiting rows of a generation, or of one blob in it.
  void DropWaiting(std::uint32_t generation);
  void DropWaiting(const BlobHash& hash, std::uint32_t generation);

 private:
  struct Waiter {
    BlobRow row;
    std::uint64_t serial = 0;
  };

  const std::shared_ptr<Database> database_;
  mutable Mutex mutex_;
  std::unordered_map<BlobHash, Waiter> waiting_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t last_serial_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace depcache
