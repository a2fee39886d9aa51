#pragma once

#include <grpcpp/grpcpp.h>

#include "depcache/v1/recipe_service.grpc.pb.h"
#include "server/rpc/call.h"

namespace depcache::server {

// Translates RecipeService. Thread-safe.
class RecipeServiceImpl final : public v1::RecipeService::Service {
 public:
  explicit RecipeServiceImpl(const RpcParts& parts) : parts_(parts) {}

  grpc::Status Fingerprint(grpc::ServerContext* context, const v1::FingerprintRequest* request,
                           v1::FingerprintResponse* response) override;

 private:
  const RpcParts parts_;
};

}  // namespace depcache::server
