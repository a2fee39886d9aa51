#pragma once

#include <absl/status/status.h>
#include <grpcpp/support/status.h>

namespace depcache::server {

// The code goes through; the message of INTERNAL and UNKNOWN is replaced, so
// that paths and keys of the server do not leak.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace depcache::server
