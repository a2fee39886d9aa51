#pragma once

#include <absl/status/status.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/sync_stream.h>

#include "depcache/v1/layer_service.grpc.pb.h"
#include "server/rpc/call.h"

namespace depcache::server {

using ResolveStream = grpc::ServerReaderWriter<v1::ResolveUnitsResponse, v1::ResolveUnitsRequest>;

// One call of LayerService.ResolveUnits, to its end.
// Errors: those of the method; CANCELLED if the caller went away.
absl::Status ResolveUnits(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                          ResolveStream& stream);

}  // namespace depcache::server
