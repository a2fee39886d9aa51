#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "cache/base/mutex.h"
#include "cache/layer/unit_key.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

// A lease on units of a plan, renewed by a thread of its own until it is
// destroyed; then they are free for others at once. Thread-safe.
class BuildLease {
 public:
  // `remote` must outlive this object. `keys`: by plan index, nullopt for units
  // that nobody could wait for.
  BuildLease(RemoteCache& remote, std::string id, std::chrono::milliseconds ttl,
             std::vector<std::optional<BuildKey>> keys);
  ~BuildLease();
  BuildLease(const BuildLease&) = delete;
  BuildLease& operator=(const BuildLease&) = delete;

  const std::string& id() const { return id_; }

  // Gives units free before the rest: they are on the server, or will not come
  // from here. Whether they were part of the lease does not matter.
  void Release(std::span<const std::size_t> units);

 private:
  void Renew();

  RemoteCache& remote_;
  const std::string id_;
  const std::chrono::milliseconds interval_;
  const std::vector<std::optional<BuildKey>> keys_;
  Mutex mutex_;
  CondVar changed_;
  bool is_ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace depcache::client
