#include "cache/store/rocksdb/options.h"

#include <limits>

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "cache/store/rocksdb/keys.h"

namespace depcache {
namespace {

constexpr double kRowBloomBits = 10;
// A false positive here reads a block of up to a MiB in vain.
constexpr double kPayloadBloomBits = 20;
// More than there will ever be in memory.
constexpr std::uint64_t kNever = 64ULL << 30;
// Small, so that the memory of a buffer says how many bytes are in it.
constexpr std::size_t kArenaBytes = 64 << 10;
constexpr std::uint64_t kSyncBytes = 1 << 20;

std::shared_ptr<rocksdb::TableFactory> MakeTables(std::shared_ptr<rocksdb::Cache> cache,
                                                  double bloom_bits, std::size_t block_bytes) {
  rocksdb::BlockBasedTableOptions tables;
  tables.block_cache = std::move(cache);
  tables.block_size = block_bytes;
  // Debian's build has no hardware CRC32C; XXH3 is ten times faster there.
  tables.checksum = rocksdb::kXXH3;
  tables.filter_policy.reset(rocksdb::NewBloomFilterPolicy(bloom_bits));
  tables.format_version = 5;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(tables));
}

}  // namespace

rocksdb::DBOptions MakeDbOptions() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_open_files = -1;
  options.max_background_jobs = 4;
  options.max_total_wal_size = kNever;
  // Reserved space would count as used, and each commit has a log of its own.
  options.allow_fallocate = false;
  options.bytes_per_sync = kSyncBytes;
  // Deleting a dropped generation's files is not for the reader who held it.
  options.avoid_unnecessary_blocking_io = true;
  // What was not committed was not promised.
  options.avoid_flush_during_shutdown = true;
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

rocksdb::ColumnFamilyOptions MakeRowOptions(std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::ColumnFamilyOptions options;
  options.table_factory = MakeTables(std::move(cache), kRowBloomBits, 4 << 10);
  // Keys and most values are hashes: nothing to compress.
  options.compression = rocksdb::kNoCompression;
  options.write_buffer_size = kNever;
  options.arena_block_size = kArenaBytes;
  options.target_file_size_base = 16 << 20;
  options.max_bytes_for_level_base = 64 << 20;
  options.level0_slowdown_writes_trigger = 64;
  options.level0_stop_writes_trigger = 128;
  return options;
}

rocksdb::ColumnFamilyOptions MakeEntryOptions(std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::ColumnFamilyOptions options = MakeRowOptions(std::move(cache));
  options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kEntryPrefixBytes));
  return options;
}

rocksdb::ColumnFamilyOptions MakePayloadOptions(std::shared_ptr<rocksdb::Cache> cache) {
  constexpr int kNoTrigger = std::numeric_limits<int>::max();
  rocksdb::ColumnFamilyOptions payload;
  payload.table_factory = MakeTables(std::move(cache), kPayloadBloomBits, 64 << 10);
  payload.compression = rocksdb::kNoCompression;
  payload.write_buffer_size = kNever;
  payload.arena_block_size = kArenaBytes;
  payload.compaction_style = rocksdb::kCompactionStyleUniversal;
  payload.num_levels = 1;
  payload.disable_auto_compactions = true;
  payload.level0_file_num_compaction_trigger = kNoTrigger;
  payload.level0_slowdown_writes_trigger = kNoTrigger;
  payload.level0_stop_writes_trigger = kNoTrigger;
  payload.soft_pending_compaction_bytes_limit = 0;
  payload.hard_pending_compaction_bytes_limit = 0;
  return payload;
}

}  // namespace depcache
