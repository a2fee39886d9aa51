// How RocksDB is set up, and why. The only place with RocksDB's options.

#pragma once

#include <memory>

#include <rocksdb/options.h>

#include "cache/store/rocksdb/rocksdb_store.h"

namespace depcache {

rocksdb::DBOptions MakeDbOptions();

// Column families of rows: many small values, with a write-ahead log.
rocksdb::ColumnFamilyOptions MakeRowOptions(std::shared_ptr<rocksdb::Cache> cache);
// The same, where keys are also looked up by their first kEntryPrefixBytes.
rocksdb::ColumnFamilyOptions MakeEntryOptions(std::shared_ptr<rocksdb::Cache> cache);

// Column families of generations: values of up to a MiB, without a log.
// RocksDB never merges their files by itself (upkeep.h does).
rocksdb::ColumnFamilyOptions MakePayloadOptions(const RocksDbOptions& options,
                                                std::shared_ptr<rocksdb::Cache> cache);

}  // namespace depcache
