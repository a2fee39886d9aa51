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
  // Memory for cached blocks, a quarter of it for metadata. Reads of payload
  // are cached too, so that frames can be handed out without a copy; frames in
  // use may go above it.
  std::uint64_t block_cache_bytes = 64ULL << 20;
  // Memory of unflushed writes: who writes beyond it flushes before it goes on.
  std::uint64_t write_buffer_bytes = 32ULL << 20;
  // Writes are refused below this much free space in the folder's file system.
  // 0: never refused before the disk is full.
  std::uint64_t min_free_bytes = 256ULL << 20;
  // For tests: called at the named points of a write, so that a crash can be
  // made to fall there: "write" (visible, not durable), "flush" (payload
  // durable, rows not), "commit" (all durable, not answered), "rotate" (the
  // generation is there, not used yet), "drop" (before the drop, and after).
  // Called with locks held: it must not call the store.
  std::function<void(std::string_view point)> on_point;
};

// Opens or creates the store in `folder`. Takes a lock on it that ends with
// the last reference to the store, its views and its frames.
//
// The time this takes does not grow with the number of blobs or layers.
// Errors: FAILED_PRECONDITION (somebody has it open, or it was written by a
// version which this one does not know: the message says which); DATA_LOSS
// (its files are damaged beyond what can be taken for missing blobs: it must be
// moved away); RESOURCE_EXHAUSTED; UNAVAILABLE.
absl::StatusOr<OpenedStore> OpenRocksDbStore(const RocksDbOptions& options);

}  // namespace depcache
