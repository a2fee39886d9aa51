#pragma once

#include <memory>

#include <grpcpp/grpcpp.h>

#include "client/remote/remote_cache.h"
#include "depcache/v1/layer_service.grpc.pb.h"

namespace depcache::client {

// One call of ResolveUnits. `first` has the scope; `context` its deadline.
// Errors: as RemoteCache.
absl::StatusOr<ResolveAnswer> Resolve(v1::LayerService::Stub& layers, v1::ResolveUnitsRequest first,
                                      grpc::ClientContext& context,
                                      std::span<const UnitQuestion> units,
                                      const PredicateValues& values);

}  // namespace depcache::client
