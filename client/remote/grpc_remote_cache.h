#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "client/remote/remote_cache.h"

namespace depcache::client {

struct RemoteOptions {
  // "grpc://host:port" or "host:port" (plaintext), "grpcs://host:port" (TLS).
  std::string server;
  std::string token;
  std::string instance;
  std::string scope;     // empty: the server's default
  std::string ca_file;   // PEM of the CAs to trust; empty: the system's
  // Plaintext to another machine is refused unless this is set.
  bool allow_plaintext = false;
  std::chrono::milliseconds connect_bound{1000};
  std::chrono::milliseconds lookup_bound{3000};   // any single unary call
  std::chrono::milliseconds commit_bound{60'000}; // commits, which sync a disk
  std::chrono::milliseconds stall_bound{10'000};  // silence within a stream
};

// Checks the options; does not connect yet.
// Errors: INVALID_ARGUMENT naming the option and what to write instead.
absl::StatusOr<std::unique_ptr<RemoteCache>> OpenRemoteCache(const RemoteOptions& options);

}  // namespace depcache::client
