#pragma once

#include <absl/status/status.h>
#include <grpcpp/grpcpp.h>

#include "depcache/v1/layer_service.pb.h"
#include "server/rpc/call.h"

namespace depcache::server {

// LayerService.ExplainRecipe. Errors: those of the method.
absl::Status ExplainRecipe(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                           const v1::ExplainRecipeRequest& request,
                           v1::ExplainRecipeResponse& response);

}  // namespace depcache::server
