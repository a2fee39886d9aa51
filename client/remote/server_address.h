#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace depcache::client {

// Where a server is and how it is spoken to.
struct ServerAddress {
  std::string target;  // "host:port", as gRPC wants it
  bool uses_tls = false;
  bool is_loopback = false;
};

// Reads "host:port", "grpc://host:port" or "grpcs://host:port"; the port may
// be left out (7450). Errors: INVALID_ARGUMENT.
absl::StatusOr<ServerAddress> ParseServerAddress(std::string_view text);

}  // namespace depcache::client
