#pragma once

#include <grpcpp/grpcpp.h>

#include "cache/base/clock.h"
#include "depcache/v1/capabilities_service.grpc.pb.h"
#include "server/rpc/call.h"

namespace depcache::server {

// Translates CapabilitiesService. Thread-safe.
class CapabilitiesServiceImpl final : public v1::CapabilitiesService::Service {
 public:
  // `clock` must outlive this object.
  CapabilitiesServiceImpl(const RpcParts& parts, const Clock& clock)
      : parts_(parts), clock_(clock) {}

  grpc::Status GetCapabilities(grpc::ServerContext* context,
                               const v1::GetCapabilitiesRequest* request,
                               v1::GetCapabilitiesResponse* response) override;

 private:
  const RpcParts parts_;
  const Clock& clock_;
};

}  // namespace depcache::server
