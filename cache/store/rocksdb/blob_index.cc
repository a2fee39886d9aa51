#include "cache/store/rocksdb/blob_index.h"

#include <array>
#include <utility>

#include "cache/base/status.h"
#include "cache/store/rocksdb/rows.h"

namespace depcache {

absl::StatusOr<std::vector<std::optional<BlobRow>>> BlobIndex::Lookup(
    std::span<const BlobHash> hashes) const {
  std::vector<std::optional<BlobRow>> rows(hashes.size());
  std::vector<std::string_view> keys;
  std::vector<std::size_t> positions;
  {
    // Waiting rows first: one that settles meanwhile is then found below.
    MutexLock lock(mutex_);
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      const auto found = waiting_.find(hashes[i]);
      if (found != waiting_.end()) {
        rows[i] = found->second.row;
      } else {
        keys.push_back(hashes[i].AsBytes());
        positions.push_back(i);
      }
    }
  }
  DEPCACHE_RETURN_IF_ERROR(
      GetRows(*database_, Family::kBlobIndex, keys, [&](std::size_t i, std::string_view value) {
        const absl::StatusOr<BlobRow> row = DecodeBlobRow(value);
        if (row.ok()) rows[positions[i]] = *row;
      }));
  return rows;
}

void BlobIndex::Add(const BlobHash& hash, const BlobRow& row) {
  MutexLock lock(mutex_);
  waiting_[hash] = Waiter{row, ++last_serial_};
}

std::vector<BlobIndex::WaitingRow> BlobIndex::Waiting() const {
  std::vector<WaitingRow> rows;
  MutexLock lock(mutex_);
  rows.reserve(waiting_.size());
  for (const auto& [hash, waiter] : waiting_) {
    rows.push_back(WaitingRow{hash, waiter.row, waiter.serial});
  }
  return rows;
}

std::size_t BlobIndex::waiting_count() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

void BlobIndex::Settle(std::span<const WaitingRow> rows) {
  MutexLock lock(mutex_);
  for (const WaitingRow& row : rows) {
    const auto found = waiting_.find(row.hash);
    if (found != waiting_.end() && found->second.serial == row.serial) waiting_.erase(found);
  }
}

void BlobIndex::DropWaiting(std::uint32_t generation) {
  MutexLock lock(mutex_);
  std::erase_if(waiting_,
                [&](const auto& entry) { return entry.second.row.generation == generation; });
}

void BlobIndex::DropWaiting(const BlobHash& hash, std::uint32_t generation) {
  MutexLock lock(mutex_);
  const auto found = waiting_.find(hash);
  if (found != waiting_.end() && found->second.row.generation == generation) waiting_.erase(found);
}

}  // namespace depcache
