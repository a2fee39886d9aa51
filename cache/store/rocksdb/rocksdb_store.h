#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include <absl/status/statusor.h>

#include "cache/store/opened_store.h"

namespace depcache {

struct RocksDbOptions {
  std::filesystem::path folder;  // created if missing
  // Memory for cached blocks; reads of payload are cached too, so that frames
  // can be handed out without a copy.
  std::uint64_t block_cache_bytes = 64ULL << 20;
  // Memory of the newest generation's unflushed writes.
  std::uint64_t write_buffer_bytes = 32ULL << 20;
  // Writes are refused below this much free space in the folder's file system.
  std::uint64_t min_free_bytes = 256ULL << 20;
  // For tests: called at the named points of a write ("write", "flush",
  // "commit", "rotate", "drop"), so that a crash can be made to fall there.
  std::function<void(std::string_view point)> on_point;
};

// Opens or creates the store in `folder`. Takes a lock on it that ends with
// the last reference to the store.
// Errors: FAILED_PRECONDITION (another process has it open, or it was written
// by a version which this one does not know: the message says which);
// RESOURCE_EXHAUSTED; UNAVAILABLE.
absl::StatusOr<OpenedStore> OpenRocksDbStore(const RocksDbOptions& options);

}  // namespace depcache
