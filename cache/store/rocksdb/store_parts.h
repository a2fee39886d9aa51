#pragma once

#include <memory>
#include <utility>

#include <absl/status/statusor.h>

#include "cache/store/rocksdb/blob_index.h"
#include "cache/store/rocksdb/commit_lane.h"
#include "cache/store/rocksdb/database.h"
#include "cache/store/rocksdb/generations.h"
#include "cache/store/rocksdb/upkeep.h"

namespace depcache {

// What both interfaces of one store share. Members are destroyed in reverse
// order, so that a user never outlives what it uses.
struct StoreParts {
  StoreParts(const RocksDbOptions& options, std::shared_ptr<Database> opened,
             std::unique_ptr<Generations> found)
      : write_buffer_bytes(options.write_buffer_bytes),
        on_point(options.on_point),
        database(std::move(opened)),
        generations(std::move(found)),
        index(database),
        lane(database, *generations, index, on_point),
        upkeep(database, *generations, index, lane) {}

  const std::uint64_t write_buffer_bytes;
  const CommitLane::OnPoint on_point;  // may be empty
  const std::shared_ptr<Database> database;
  const std::unique_ptr<Generations> generations;
  BlobIndex index;
  CommitLane lane;
  Upkeep upkeep;
};

// Errors: as OpenRocksDbStore, which calls it (and is where it is defined).
absl::StatusOr<std::shared_ptr<StoreParts>> OpenStoreParts(const RocksDbOptions& options);

}  // namespace depcache
