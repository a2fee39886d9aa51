// How RocksDB is set up, and why. The only place with RocksDB's options.

#pragma once

#include <memory>

#include <rocksdb/options.h>

namespace depcache {

rocksdb::DBOptions MakeDbOptions();

// In all column families memory is flushed only when Database says so, never by
// RocksDB when a buffer is full: a flush that waits for its turn while a write
// to the log fails is forgotten by RocksDB 7.8, and Resume then waits for it for
// ever.

// Column families of rows: many small values, with a write-ahead log.
rocksdb::ColumnFamilyOptions MakeRowOptions(std::shared_ptr<rocksdb::Cache> cache);
// The same, where keys are also looked up by their first kEntryPrefixBytes.
rocksdb::ColumnFamilyOptions MakeEntryOptions(std::shared_ptr<rocksdb::Cache> cache);

// Column families of generations: values of up to a MiB, without a log.
// RocksDB never merges their files by itself (upkeep.h does).
rocksdb::ColumnFamilyOptions MakePayloadOptions(std::shared_ptr<rocksdb::Cache> cache);

}  // namespace depcache
