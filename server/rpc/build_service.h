#pragma once

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

 private:
  const RpcParts parts_;
  LeaseTable& leases_;
};

}  // namespace depcache::server
