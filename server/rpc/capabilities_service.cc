#include "server/rpc/capabilities_service.h"

#include "cache/base/status.h"
#include "cache/base/version.h"
#include "cache/layer/limits.h"
#include "cache/wire/convert.h"
#include "server/rpc/grpc_status.h"

namespace depcache::server {
namespace {

constexpr std::uint32_t kProtocolVersion = 1;
constexpr std::uint32_t kRecipeVersion = 1;

absl::Status Describe(const RpcParts& parts, const Clock& clock,
                      const grpc::ServerContext& context, const v1::Scope& named,
                      v1::GetCapabilitiesResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const Caller caller, parts.authenticator.Authenticate(context));
  response.set_server_version(std::string(Version()));
  response.add_protocol_versions(kProtocolVersion);
  response.add_recipe_versions(kRecipeVersion);
  response.set_max_blob_bytes(kMaxBlobBytes);
  response.set_max_message_bytes(kMaxMessageBytes);
  response.set_principal(caller.principal);
  const absl::StatusOr<CallScope> scope =
      ResolveScope(caller, named.instance_name(), named.scope());
  response.set_can_read(scope.ok());
  response.set_can_write(scope.ok() && scope->can_write);
  response.set_stored_bytes(parts.cache.stored_bytes());
  response.set_max_stored_bytes(parts.cache.options().max_stored_bytes);
  response.set_now_unix_seconds(UnixSeconds(clock.Now()));
  return absl::OkStatus();
}

}  // namespace

grpc::Status CapabilitiesServiceImpl::GetCapabilities(grpc::ServerContext* context,
                                                      const v1::GetCapabilitiesRequest* request,
                                                      v1::GetCapabilitiesResponse* response) {
  CallLog log(parts_.gate, *context, "GetCapabilities");
  return ToGrpcStatus(
      log.Result(Describe(parts_, clock_, *context, request->scope(), *response)));
}

}  // namespace depcache::server
