// The server's figures for Prometheus, over HTTP at /metrics. The one place
// which knows prometheus-cpp.

#pragma once

#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "cache/engine/layer_cache.h"
#include "server/rpc/call_stats.h"

namespace depcache::server {

// Listens as long as it lives. Answers everyone who reaches it, without a
// token: it tells figures, no names.
class MetricsListener {
 public:
  // `listen` is "host:port"; port 0 picks one. Cache and stats must outlive
  // this object.
  // Errors: UNAVAILABLE (the address is taken, or none of this machine).
  static absl::StatusOr<std::unique_ptr<MetricsListener>> Start(const std::string& listen,
                                                                LayerCache& cache,
                                                                CallStats& calls);
  virtual ~MetricsListener() = default;

  virtual int port() const = 0;
};

}  // namespace depcache::server
