#pragma once

#include <atomic>

#include <grpcpp/grpcpp.h>

#include "cache/engine/lease_table.h"
#include "depcache/v1/build_service.grpc.pb.h"
#include "server/rpc/call.h"

namespace depcache::server {

// Translates BuildService. Thread-safe.
class BuildServiceImpl final : public v1::BuildService::Service {
 public:
  // `leases` must outlive this object.
  BuildServiceImpl(const RpcParts& parts, LeaseTable& leases) : parts_(parts), leases_(leases) {}

  grpc::Status BeginBuild(grpc::ServerContext* context, const v1::BeginBuildRequest* request,
                          v1::BeginBuildResponse* response) override;
  grpc::Status RenewBuild(grpc::ServerContext* context, const v1::RenewBuildRequest* request,
                          v1::RenewBuildResponse* response) override;
  grpc::Status AbandonBuild(grpc::ServerContext* context, const v1::AbandonBuildRequest* request,
                            v1::AbandonBuildResponse* response) override;
  // Takes a thread of gRPC's while it lasts, so there are only so many.
  grpc::Status WatchLayer(grpc::ServerContext* context, const v1::WatchLayerRequest* request,
                          grpc::ServerWriter<v1::WatchLayerResponse>* writer) override;

 private:
  absl::Status Watch(const grpc::ServerContext& context, CallLog& log,
                     const v1::WatchLayerRequest& request,
                     grpc::ServerWriter<v1::WatchLayerResponse>& writer);

  const RpcParts parts_;
  LeaseTable& leases_;
  std::atomic<int> watching_ = 0;
};

}  // namespace depcache::server
