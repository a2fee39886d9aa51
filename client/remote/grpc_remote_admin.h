#pragma once

#include <memory>

#include <absl/status/statusor.h>

#include "client/remote/grpc_remote_cache.h"
#include "client/remote/remote_admin.h"

namespace depcache::client {

// Checks the options; does not connect yet.
// Errors: INVALID_ARGUMENT naming the option and what to write instead.
absl::StatusOr<std::unique_ptr<RemoteAdmin>> OpenRemoteAdmin(const RemoteOptions& options);

}  // namespace depcache::client
