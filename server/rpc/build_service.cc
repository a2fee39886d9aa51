#include "server/rpc/build_service.h"

#include <chrono>
#include <numeric>

#include "cache/base/status.h"
#include "cache/wire/convert.h"
#include "server/rpc/grpc_status.h"

namespace depcache::server {
namespace {

constexpr std::size_t kMaxBuildKeys = 20'000;
constexpr std::size_t kMaxNameBytes = 1024;
constexpr int kMaxWatching = 512;
// How soon a caller that went away, and a server that stops, are noticed.
constexpr std::chrono::milliseconds kWatchStep{250};

std::uint32_t TtlMs(const LeaseTable& leases) {
  return static_cast<std::uint32_t>(leases.options().ttl.count());
}

LeaseTable::Take TakeOf(const v1::BeginBuildRequest& request, bool can_write) {
  if (request.only_asks() || !can_write) return LeaseTable::Take::kNothing;
  return request.takes_free() ? LeaseTable::Take::kFree : LeaseTable::Take::kAll;
}

// How long the units that others hold are expected to take.
void AddTimes(const RpcParts& parts, const CallScope& scope, const v1::BeginBuildRequest& request,
              v1::BeginBuildResponse& response) {
  std::vector<std::string> names;
  for (const std::uint32_t position : response.held()) {
    if (request.names().empty()) break;
    const std::string& name = request.names(static_cast<int>(position));
    names.push_back(name.size() <= kMaxNameBytes ? name : "");
  }
  const CompileTimes::Expected expected = parts.cache.ExpectedTimes(scope, names);
  response.set_expected_total_ms(expected.total_ms);
  response.set_expected_longest_ms(expected.longest_ms);
  const std::size_t unnamed = static_cast<std::size_t>(response.held_size()) - names.size();
  response.set_without_time(static_cast<std::uint32_t>(expected.unknown + unnamed));
}

absl::Status Begin(const RpcParts& parts, LeaseTable& leases, const grpc::ServerContext& context,
                   CallLog& log, const v1::BeginBuildRequest& request,
                   v1::BeginBuildResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<BuildKey> keys,
                            UnpackBuildKeys(request.build_keys(), kMaxBuildKeys));
  if (!request.names().empty() && request.names_size() != static_cast<int>(keys.size())) {
    return InvalidArgument("{} names for {} build keys", request.names_size(), keys.size());
  }
  DEPCACHE_ASSIGN_OR_RETURN(
      const LeaseTable::Answer answer,
      leases.Begin(scope.keys[0], keys, TakeOf(request, scope.can_write), request.lease_id()));
  log.set_subject(fmt::format("{} units, {} held", keys.size(), answer.held.size()));
  response.set_lease_id(answer.lease_id);
  response.set_ttl_ms(TtlMs(leases));
  response.mutable_held()->Add(answer.held.begin(), answer.held.end());
  AddTimes(parts, scope, request, response);
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
  const auto keys = UnpackBuildKeys(request->build_keys(), kMaxBuildKeys);
  if (keys.ok()) leases_.Abandon(scope->keys[0], request->lease_id(), *keys);
  return ToGrpcStatus(log.Result(keys.status()));
}

absl::Status BuildServiceImpl::Watch(const grpc::ServerContext& context, CallLog& log,
                                     const v1::WatchLayerRequest& request,
                                     grpc::ServerWriter<v1::WatchLayerResponse>& writer) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts_, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<BuildKey> keys,
                            UnpackBuildKeys(request.build_keys(), kMaxBuildKeys));
  if (keys.empty()) return InvalidArgument("no build keys to watch");
  log.set_subject(fmt::format("{} units", keys.size()));
  std::vector<std::uint32_t> positions(keys.size());
  std::iota(positions.begin(), positions.end(), 0U);
  SteadyTime until{};  // the first look waits for nothing
  bool is_first = true;
  while (!keys.empty() && !context.IsCancelled() && !parts_.gate.is_draining()) {
    const std::vector<std::uint32_t> free = leases_.WaitForFree(scope.keys[0], keys, until);
    until = std::chrono::steady_clock::now() + kWatchStep;
    if (free.empty() && !is_first) continue;
    is_first = false;
    v1::WatchLayerResponse response;
    for (auto index = free.rbegin(); index != free.rend(); ++index) {
      response.add_free(positions[*index]);
      keys.erase(keys.begin() + *index);
      positions.erase(positions.begin() + *index);
    }
    if (!writer.Write(response)) return Cancelled("the caller went away");
  }
  return absl::OkStatus();
}

grpc::Status BuildServiceImpl::WatchLayer(grpc::ServerContext* context,
                                          const v1::WatchLayerRequest* request,
                                          grpc::ServerWriter<v1::WatchLayerResponse>* writer) {
  CallLog log(parts_.gate, *context, "WatchLayer");
  const bool is_free = ++watching_ <= kMaxWatching;
  const absl::Status status = is_free ? Watch(*context, log, *request, *writer)
                                      : ResourceExhausted("{} callers watch already", kMaxWatching);
  --watching_;
  return ToGrpcStatus(log.Result(status));
}

}  // namespace depcache::server
