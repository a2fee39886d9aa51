#include "server/rpc/layer_service.h"

#include "cache/base/status.h"
#include "cache/wire/convert.h"
#include "server/rpc/explain_recipe.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/recipe_parts.h"
#include "server/rpc/resolve_units.h"

namespace depcache::server {
namespace {

constexpr std::size_t kMaxChecksums = 20'000;
constexpr int kMaxCommits = 4096;
constexpr int kMaxResolving = 32;

absl::Status Get(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                 const v1::GetLayerRequest& request, v1::GetLayerResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const RecipeHash recipe, RecipeHash::FromBytes(request.recipe_hash()));
  log.set_subject(recipe.ToShortHex());
  DEPCACHE_ASSIGN_OR_RETURN(const FoundLayer found, parts.cache.FindLayer(scope, recipe));
  for (const LayerRecord& layer : found.variants) {
    v1::LayerVariant* variant = response.add_variants();
    for (const Predicate& predicate : layer.predicates) {
      ToProto(predicate, variant->add_predicates());
    }
    ToProto(std::span<const Digest>(layer.index), variant->mutable_index());
    variant->set_unit_count(layer.unit_count);
    variant->set_plain_bytes(layer.plain_bytes);
    variant->set_compile_ms(layer.compile_ms);
    variant->set_principal(layer.principal);
    variant->set_created_unix_seconds(layer.created);
  }
  response.set_ticket(found.ticket);
  response.set_found_in_scope(found.scope);
  return absl::OkStatus();
}

absl::Status Find(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                  const v1::FindPackagesRequest& request, v1::FindPackagesResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const auto checksums,
                            UnpackPartDigests(request.checksums(), kMaxChecksums));
  DEPCACHE_ASSIGN_OR_RETURN(const auto records, parts.cache.FindPackages(scope, checksums));
  for (const std::optional<Digest>& record : records) {
    v1::Digest* out = response.add_records();
    if (record) ToProto(*record, out);
  }
  return absl::OkStatus();
}

absl::Status Commit(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                    const v1::CommitUnitsRequest& request, v1::CommitUnitsResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  if (request.units_size() > kMaxCommits || request.packages_size() > kMaxCommits) {
    return InvalidArgument("more than {} units or packages in one commit", kMaxCommits);
  }
  std::vector<UnitCommit> units;
  for (const v1::UnitCommit& unit : request.units()) {
    DEPCACHE_ASSIGN_OR_RETURN(const UnitRef ref, FromProto(unit.unit()));
    DEPCACHE_ASSIGN_OR_RETURN(const Digest record, FromProto(unit.record()));
    units.push_back(UnitCommit{ref, record});
  }
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<Digest> packages,
                            DigestsFromProto(request.packages()));
  DEPCACHE_ASSIGN_OR_RETURN(const CommitUnitsResult result,
                            parts.cache.CommitUnits(scope, units, packages));
  ToProto(std::span<const Digest>(result.missing), response.mutable_missing());
  response.set_recorded_count(result.recorded);
  log.set_subject(fmt::format("{}/{}", result.recorded, units.size() + packages.size()));
  return absl::OkStatus();
}

absl::Status Commit(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                    const v1::CommitLayerRequest& request, v1::CommitLayerResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const Recipe recipe,
                            RecipeOf(request.parts(), request.claimed_hash()));
  log.set_subject(recipe.Hash().ToShortHex());
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<Digest> index, DigestsFromProto(request.index()));
  std::vector<NamedValue> values;
  for (const auto& [name, value] : recipe.parts()) values.push_back(NamedValue{name, value});
  DEPCACHE_ASSIGN_OR_RETURN(const CommitLayerResult result,
                            parts.cache.CommitLayer(scope, recipe.Hash(), values, index));
  ToProto(std::span<const Digest>(result.missing), response.mutable_missing());
  response.set_existed(result.existed);
  return absl::OkStatus();
}

absl::Status Report(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                    const v1::ReportUnitRequest& request, v1::ReportUnitResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const UnitRef unit, FromProto(request.unit()));
  log.set_subject(unit.key.ToShortHex());
  if (request.reason() < v1::REPORT_REASON_STALE || request.reason() > v1::REPORT_REASON_DIFFERS) {
    return InvalidArgument("unknown reason of a report {}", static_cast<int>(request.reason()));
  }
  // One numbering, as report_reason.h says.
  DEPCACHE_ASSIGN_OR_RETURN(
      const bool is_suspended,
      parts.cache.ReportUnit(scope, unit, static_cast<ReportReason>(request.reason()),
                             request.text()));
  response.set_is_suspended(is_suspended);
  return absl::OkStatus();
}

}  // namespace

grpc::Status LayerServiceImpl::ReportUnit(grpc::ServerContext* context,
                                          const v1::ReportUnitRequest* request,
                                          v1::ReportUnitResponse* response) {
  CallLog log(parts_.gate, *context, "ReportUnit");
  return ToGrpcStatus(log.Result(Report(parts_, *context, log, *request, *response)));
}

grpc::Status LayerServiceImpl::GetLayer(grpc::ServerContext* context,
                                        const v1::GetLayerRequest* request,
                                        v1::GetLayerResponse* response) {
  CallLog log(parts_.gate, *context, "GetLayer");
  return ToGrpcStatus(log.Result(Get(parts_, *context, log, *request, *response)));
}

grpc::Status LayerServiceImpl::ResolveUnits(grpc::ServerContext* context, ResolveStream* stream) {
  CallLog log(parts_.gate, *context, "ResolveUnits");
  const int under_way = ++resolving_;
  const absl::Status status =
      under_way > kMaxResolving
          ? ResourceExhausted("more than {} plans are being resolved; try again", kMaxResolving)
          : server::ResolveUnits(parts_, *context, log, *stream);
  --resolving_;
  return ToGrpcStatus(log.Result(status));
}

grpc::Status LayerServiceImpl::ExplainRecipe(grpc::ServerContext* context,
                                             const v1::ExplainRecipeRequest* request,
                                             v1::ExplainRecipeResponse* response) {
  CallLog log(parts_.gate, *context, "ExplainRecipe");
  return ToGrpcStatus(
      log.Result(server::ExplainRecipe(parts_, *context, log, *request, *response)));
}

grpc::Status LayerServiceImpl::FindPackages(grpc::ServerContext* context,
                                            const v1::FindPackagesRequest* request,
                                            v1::FindPackagesResponse* response) {
  CallLog log(parts_.gate, *context, "FindPackages");
  return ToGrpcStatus(log.Result(Find(parts_, *context, log, *request, *response)));
}

grpc::Status LayerServiceImpl::CommitUnits(grpc::ServerContext* context,
                                           const v1::CommitUnitsRequest* request,
                                           v1::CommitUnitsResponse* response) {
  CallLog log(parts_.gate, *context, "CommitUnits");
  return ToGrpcStatus(log.Result(Commit(parts_, *context, log, *request, *response)));
}

grpc::Status LayerServiceImpl::CommitLayer(grpc::ServerContext* context,
                                           const v1::CommitLayerRequest* request,
                                           v1::CommitLayerResponse* response) {
  CallLog log(parts_.gate, *context, "CommitLayer");
  return ToGrpcStatus(log.Result(Commit(parts_, *context, log, *request, *response)));
}

}  // namespace depcache::server
