#pragma once

#include <atomic>

#include <grpcpp/grpcpp.h>

#include "depcache/v1/layer_service.grpc.pb.h"
#include "server/rpc/call.h"

namespace depcache::server {

// Translates LayerService. Thread-safe.
class LayerServiceImpl final : public v1::LayerService::Service {
 public:
  explicit LayerServiceImpl(const RpcParts& parts) : parts_(parts) {}

  grpc::Status GetLayer(grpc::ServerContext* context, const v1::GetLayerRequest* request,
                        v1::GetLayerResponse* response) override;
  grpc::Status ResolveUnits(grpc::ServerContext* context,
                            grpc::ServerReaderWriter<v1::ResolveUnitsResponse,
                                                     v1::ResolveUnitsRequest>* stream) override;
  grpc::Status ExplainRecipe(grpc::ServerContext* context, const v1::ExplainRecipeRequest* request,
                             v1::ExplainRecipeResponse* response) override;
  grpc::Status FindPackages(grpc::ServerContext* context, const v1::FindPackagesRequest* request,
                            v1::FindPackagesResponse* response) override;
  grpc::Status CommitUnits(grpc::ServerContext* context, const v1::CommitUnitsRequest* request,
                           v1::CommitUnitsResponse* response) override;
  grpc::Status CommitLayer(grpc::ServerContext* context, const v1::CommitLayerRequest* request,
                           v1::CommitLayerResponse* response) override;
  grpc::Status ReportUnit(grpc::ServerContext* context, const v1::ReportUnitRequest* request,
                          v1::ReportUnitResponse* response) override;

 private:
  const RpcParts parts_;
  // Each holds a thread while its caller thinks.
  std::atomic<int> resolving_ = 0;
};

}  // namespace depcache::server
