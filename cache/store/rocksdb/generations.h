#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/mutex.h"
#include "cache/store/rocksdb/generation.h"

namespace depcache {

// The generations of a store, oldest first; at least one. Thread-safe, but
// Rotate and DropOldest are for one thread at a time.
class Generations {
 public:
  // Takes what `database` found; makes the first one if there was none.
  // Errors: RESOURCE_EXHAUSTED; UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<Generations>> Open(std::shared_ptr<Database> database);

  std::shared_ptr<Generation> Newest() const;
  std::vector<std::shared_ptr<Generation>> All() const;
  // nullptr if it was dropped.
  std::shared_ptr<Generation> Find(std::uint32_t number) const;

  // Errors: RESOURCE_EXHAUSTED; UNAVAILABLE.
  absl::Status Rotate();
  // There are two or more. Errors: RESOURCE_EXHAUSTED; UNAVAILABLE.
  absl::Status DropOldest();

  // True if rows that name this generation may be wanted: it is there, or
  // somebody still reads from it after its drop.
  bool IsInUse(std::uint32_t number) const;
  // True once after the last reader of a dropped generation has gone.
  bool TakeEnded();

 private:
  explicit Generations(std::shared_ptr<Database> database) : database_(std::move(database)) {}

  const std::shared_ptr<Database> database_;
  mutable Mutex mutex_;
  std::map<std::uint32_t, std::shared_ptr<Generation>> live_ ABSL_GUARDED_BY(mutex_);
  std::map<std::uint32_t, std::weak_ptr<Generation>> dropped_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace depcache
