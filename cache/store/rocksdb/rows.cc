#include "cache/store/rocksdb/rows.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "cache/base/check.h"
#include "cache/base/status.h"
#include "cache/store/rocksdb/keys.h"

namespace depcache {
namespace {

constexpr std::size_t kBatch = 128;

}  // namespace

absl::Status GetRows(const Database& database, Family family,
                     std::span<const std::string_view> keys,
                     const std::function<void(std::size_t index, std::string_view value)>& found) {
  std::vector<rocksdb::Slice> slices(std::min(kBatch, keys.size()));
  for (std::size_t first = 0; first < keys.size(); first += kBatch) {
    const std::size_t count = std::min(kBatch, keys.size() - first);
    for (std::size_t i = 0; i < count; ++i) slices[i] = ToSlice(keys[first + i]);
    std::vector<rocksdb::PinnableSlice> values(count);
    std::vector<rocksdb::Status> statuses(count);
    database.db().MultiGet(rocksdb::ReadOptions(), database.family(family), count, slices.data(),
                           values.data(), statuses.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (statuses[i].IsNotFound()) continue;
      DEPCACHE_RETURN_IF_ERROR(FromRocksDb(statuses[i], "read rows"));
      found(first + i, ToView(values[i]));
    }
  }
  return absl::OkStatus();
}

absl::Status ScanPrefixes(const Database& database, Family family,
                          std::span<const std::string> prefixes,
                          const std::function<void(std::size_t index, std::string_view key,
                                                   std::string_view value)>& found) {
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = true;
  const std::unique_ptr<rocksdb::Iterator> rows(
      database.db().NewIterator(options, database.family(family)));
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    DEPCACHE_CHECK(prefixes[i].size() == kEntryPrefixBytes);
    for (rows->Seek(prefixes[i]); rows->Valid() && rows->key().starts_with(prefixes[i]);
         rows->Next()) {
      found(i, ToView(rows->key()), ToView(rows->value()));
    }
    DEPCACHE_RETURN_IF_ERROR(FromRocksDb(rows->status(), "read rows"));
  }
  return absl::OkStatus();
}

absl::Status ScanFrom(
    const Database& database, Family family, std::string_view start,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> rows(
      database.db().NewIterator(options, database.family(family)));
  for (rows->Seek(ToSlice(start)); rows->Valid(); rows->Next()) {
    if (!visit(ToView(rows->key()), ToView(rows->value()))) return absl::OkStatus();
  }
  return FromRocksDb(rows->status(), "read rows");
}

}  // namespace depcache
