#pragma once

#include <grpcpp/grpcpp.h>

#include "depcache/v1/admin_service.grpc.pb.h"
#include "server/rpc/call.h"

namespace depcache::server {

// Translates AdminService. Thread-safe.
class AdminServiceImpl final : public v1::AdminService::Service {
 public:
  explicit AdminServiceImpl(const RpcParts& parts) : parts_(parts) {}

  grpc::Status GetStats(grpc::ServerContext* context, const v1::GetStatsRequest* request,
                        v1::GetStatsResponse* response) override;
  grpc::Status ListLayers(grpc::ServerContext* context, const v1::ListLayersRequest* request,
                          v1::ListLayersResponse* response) override;
  grpc::Status ShowLayer(grpc::ServerContext* context, const v1::ShowLayerRequest* request,
                         v1::ShowLayerResponse* response) override;
  grpc::Status EvictLayer(grpc::ServerContext* context, const v1::EvictLayerRequest* request,
                          v1::EvictLayerResponse* response) override;
  grpc::Status ListSuspendedUnits(grpc::ServerContext* context,
                                  const v1::ListSuspendedUnitsRequest* request,
                                  v1::ListSuspendedUnitsResponse* response) override;
  grpc::Status ServeUnit(grpc::ServerContext* context, const v1::ServeUnitRequest* request,
                         v1::ServeUnitResponse* response) override;

 private:
  const RpcParts parts_;
};

}  // namespace depcache::server
