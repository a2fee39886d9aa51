#pragma once

#include <chrono>
#include <string>

#include <absl/status/status.h>

namespace depcache::server {

// Asks the server at `target` ("127.0.0.1:7450") over grpc.health.v1 whether it
// serves. With TLS its certificate is not checked: this asks the same machine,
// and sends nothing. Thread-safe.
// Errors: UNAVAILABLE: no answer within `bound`, or one that says it does not
// serve.
absl::Status ProbeHealth(const std::string& target, bool uses_tls, std::chrono::milliseconds bound);

// Where a server with this listening address is reached from its own machine:
// "0.0.0.0:7450" and "[::]:7450" on loopback, others as they are.
std::string ProbeTarget(const std::string& listen);

}  // namespace depcache::server
