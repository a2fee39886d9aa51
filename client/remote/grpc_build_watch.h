#pragma once

#include <memory>

#include <absl/status/statusor.h>
#include <grpcpp/grpcpp.h>

#include "client/remote/remote_cache.h"
#include "depcache/v1/build_service.grpc.pb.h"

namespace depcache::client {

// Opens one WatchLayer stream, read by a thread of its own. `builds` must outlive
// what is returned.
// Errors: UNAVAILABLE (no file descriptor to be had).
absl::StatusOr<std::unique_ptr<BuildWatch>> OpenBuildWatch(
    v1::BuildService::Stub& builds, const v1::WatchLayerRequest& request,
    std::unique_ptr<grpc::ClientContext> context);

}  // namespace depcache::client
