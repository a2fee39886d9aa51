#include "server/rpc/build_service.h"

#include "cache/base/status.h"
#include "cache/wire/convert.h"
#include "server/rpc/grpc_status.h"

namespace depcache::server {
namespace {

constexpr std::size_t kMaxBuildKeys = 20'000;

std::uint32_t TtlMs(const LeaseTable& leases) {
  return static_cast<std::uint32_t>(leases.options().ttl.count());
}

absl::Status Begin(const RpcParts& parts, LeaseTable& leases, const grpc::ServerContext& context,
                   CallLog& log, const v1::BeginBuildRequest& request,
                   v1::BeginBuildResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<BuildKey> keys,
                            UnpackBuildKeys(request.build_keys(), kMaxBuildKeys));
  DEPCACHE_ASSIGN_OR_RETURN(
      const LeaseTable::Answer answer,
      leases.Begin(scope.keys[0], keys, request.only_asks() || !scope.can_write));
  log.set_subject(fmt::format("{} units, {} held", keys.size(), answer.held.size()));
  response.set_lease_id(answer.lease_id);
  response.set_ttl_ms(TtlMs(leases));
  response.mutable_held()->Add(answer.held.begin(), answer.held.end());
  return absl::OkStatus();
}

}  // namespace

grpc::Status BuildServiceImpl::BeginBuild(grpc::ServerContext* context,
                                          const v1::BeginBuildRequest* request,
                                          v1::BeginBuildResponse* response) {
  CallLog log(parts_.gate, *context, "BeginBuild");
  return ToGrpcStatus(log.Result(Begin(parts_, leases_, *context, log, *request, *response)));
}

grpc::Status BuildServiceImpl::RenewBuild(grpc::ServerContext* context,
                                          const v1::RenewBuildRequest* request,
                                          v1::RenewBuildResponse* response) {
  CallLog log(parts_.gate, *context, "RenewBuild");
  const absl::StatusOr<CallScope> scope = OpenCall(parts_, *context, request->scope());
  if (!scope.ok()) return ToGrpcStatus(log.Result(scope.status()));
  log.set_scope(*scope);
  response->set_ttl_ms(TtlMs(leases_));
  return ToGrpcStatus(log.Result(leases_.Renew(scope->keys[0], request->lease_id())));
}

grpc::Status BuildServiceImpl::AbandonBuild(grpc::ServerContext* context,
                                            const v1::AbandonBuildRequest* request,
                                            v1::AbandonBuildResponse*) {
  CallLog log(parts_.gate, *context, "AbandonBuild");
  const absl::StatusOr<CallScope> scope = OpenCall(parts_, *context, request->scope());
  if (!scope.ok()) return ToGrpcStatus(log.Result(scope.status()));
  log.set_scope(*scope);
  leases_.Abandon(scope->keys[0], request->lease_id());
  return ToGrpcStatus(log.Result(absl::OkStatus()));
}

}  // namespace depcache::server
