#include "server/rpc/admin_service.h"

#include <algorithm>

#include "cache/base/status.h"
#include "cache/base/version.h"
#include "cache/recipe/recipe.h"
#include "cache/wire/convert.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/stored_parts.h"

namespace depcache::server {
namespace {

constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kMaxPage = 1000;
// A message may have four times as many.
constexpr std::size_t kMaxListBytes = 1 << 20;
constexpr double kMsPerSecond = 1000.0;

absl::Status Stats(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                   const v1::GetStatsRequest& request, v1::GetStatsResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const CacheStats stats, parts.cache.Stats(scope));
  const Counters& counters = parts.cache.counters();
  response.set_hits(counters.Get(Count::kHits));
  response.set_partial_hits(counters.Get(Count::kPartialHits));
  response.set_misses(counters.Get(Count::kMisses));
  response.set_bytes_served(counters.Get(Count::kBytesServed));
  response.set_bytes_received(counters.Get(Count::kBytesReceived));
  response.set_compile_seconds_saved(static_cast<double>(counters.Get(Count::kCompileMsSaved)) /
                                     kMsPerSecond);
  response.set_evictions(counters.Get(Count::kEvictedGenerations));
  response.set_evicted_bytes(counters.Get(Count::kEvictedBytes));
  response.set_unit_reports(counters.Get(Count::kReports));
  response.set_suspended_units(stats.suspended_units);
  response.set_layers(stats.entries.layers);
  response.set_units(stats.entries.units);
  response.set_disk_bytes(stats.stored_bytes);
  response.set_max_disk_bytes(stats.max_stored_bytes);
  response.set_uptime_seconds(static_cast<std::uint64_t>(stats.uptime.count()));
  response.set_streams_under_way(parts.gate.stats().StreamsUnderWay());
  response.set_server_version(std::string(Version()));
  return absl::OkStatus();
}

RecipeKind KindOf(const LayerRecord& layer) {
  const bool is_go = std::any_of(layer.trace.begin(), layer.trace.end(), [](const TracePart& part) {
    return part.name == kRecipeKindPart;
  });
  return is_go ? RecipeKind::kGo : RecipeKind::kCargo;
}

void Fill(const LayerRecord& layer, v1::LayerSummary* out) {
  out->set_recipe_hash(RecipeHashText(layer.recipe, KindOf(layer)));
  out->set_variant(std::string(layer.variant.AsBytes()));
  out->set_unit_count(layer.unit_count);
  out->set_plain_bytes(layer.plain_bytes);
  out->set_compile_ms(layer.compile_ms);
  out->set_principal(layer.principal);
  out->set_created_unix_seconds(layer.created);
}

absl::Status List(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                  const v1::ListLayersRequest& request, v1::ListLayersResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  std::optional<RecipeHash> after;
  if (!request.page().empty()) {
    DEPCACHE_ASSIGN_OR_RETURN(after, RecipeHash::FromBytes(request.page()));
  }
  const std::size_t size = request.page_size() == 0
                               ? kDefaultPage
                               : std::min<std::size_t>(request.page_size(), kMaxPage);
  DEPCACHE_ASSIGN_OR_RETURN(const LayerPage page, parts.cache.ListLayers(scope, after, size));
  for (const LayerRecord& layer : page.layers) Fill(layer, response.add_layers());
  if (page.next) response.set_next_page(std::string(page.next->AsBytes()));
  log.set_subject(fmt::format("{}", page.layers.size()));
  return absl::OkStatus();
}

absl::Status Show(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                  const v1::ShowLayerRequest& request, v1::ShowLayerResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const RecipeHash recipe, RecipeHash::FromBytes(request.recipe_hash()));
  log.set_subject(recipe.ToShortHex());
  DEPCACHE_RETURN_IF_ERROR(parts.cache.CheckAdmin(scope));
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<LayerRecord> layers,
                            parts.cache.DescribeLayers(scope, recipe));
  for (const LayerRecord& layer : layers) {
    Fill(layer, response.add_variants());
    v1::VariantPredicates* predicates = response.add_predicates();
    for (const Predicate& predicate : layer.predicates) {
      ToProto(predicate, predicates->add_predicates());
    }
  }
  FillStoredParts(
      parts.cache, layers[0].trace, [](const TracePart&) { return true; },
      response.mutable_parts());
  return absl::OkStatus();
}

absl::Status Evict(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                   const v1::EvictLayerRequest& request, v1::EvictLayerResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const RecipeHash recipe, RecipeHash::FromBytes(request.recipe_hash()));
  log.set_subject(recipe.ToShortHex());
  DEPCACHE_ASSIGN_OR_RETURN(const std::uint32_t evicted, parts.cache.EvictLayers(scope, recipe));
  response.set_evicted(evicted);
  return absl::OkStatus();
}

absl::Status ListSuspended(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                           const v1::ListSuspendedUnitsRequest& request,
                           v1::ListSuspendedUnitsResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<SuspendedUnit> units,
                            parts.cache.ListSuspended(scope));
  std::size_t bytes = 0;
  for (const SuspendedUnit& unit : units) {
    v1::SuspendedUnit* out = response.add_units();
    ToProto(unit.reported.unit, out->mutable_unit());
    if (unit.package) {
      out->set_package(unit.package->name);
      out->set_version(unit.package->version);
    }
    out->set_principal(unit.principal);
    for (const UnitReport& report : unit.reported.reports) {
      v1::HeardReport* heard = out->add_reports();
      heard->set_principal(report.principal);
      heard->set_reason(static_cast<v1::ReportReason>(report.reason));
      heard->set_text(report.text);
      heard->set_created_unix_seconds(report.created);
    }
    bytes += out->ByteSizeLong();
    if (bytes <= kMaxListBytes) continue;
    response.mutable_units()->RemoveLast();
    response.set_is_cut(true);
    break;
  }
  log.set_subject(fmt::format("{}", response.units_size()));
  return absl::OkStatus();
}

absl::Status Serve(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                   const v1::ServeUnitRequest& request, v1::ServeUnitResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const UnitKey key, UnitKey::FromBytes(request.unit_key()));
  log.set_subject(key.ToShortHex());
  DEPCACHE_ASSIGN_OR_RETURN(const std::uint32_t served, parts.cache.ServeUnits(scope, key));
  response.set_served(served);
  return absl::OkStatus();
}

}  // namespace

grpc::Status AdminServiceImpl::GetStats(grpc::ServerContext* context,
                                        const v1::GetStatsRequest* request,
                                        v1::GetStatsResponse* response) {
  CallLog log(parts_.gate, *context, "GetStats");
  return ToGrpcStatus(log.Result(Stats(parts_, *context, log, *request, *response)));
}

grpc::Status AdminServiceImpl::ListLayers(grpc::ServerContext* context,
                                          const v1::ListLayersRequest* request,
                                          v1::ListLayersResponse* response) {
  CallLog log(parts_.gate, *context, "ListLayers");
  return ToGrpcStatus(log.Result(List(parts_, *context, log, *request, *response)));
}

grpc::Status AdminServiceImpl::ShowLayer(grpc::ServerContext* context,
                                         const v1::ShowLayerRequest* request,
                                         v1::ShowLayerResponse* response) {
  CallLog log(parts_.gate, *context, "ShowLayer");
  return ToGrpcStatus(log.Result(Show(parts_, *context, log, *request, *response)));
}

grpc::Status AdminServiceImpl::EvictLayer(grpc::ServerContext* context,
                                          const v1::EvictLayerRequest* request,
                                          v1::EvictLayerResponse* response) {
  CallLog log(parts_.gate, *context, "EvictLayer");
  return ToGrpcStatus(log.Result(Evict(parts_, *context, log, *request, *response)));
}

grpc::Status AdminServiceImpl::ListSuspendedUnits(grpc::ServerContext* context,
                                                  const v1::ListSuspendedUnitsRequest* request,
                                                  v1::ListSuspendedUnitsResponse* response) {
  CallLog log(parts_.gate, *context, "ListSuspendedUnits");
  return ToGrpcStatus(log.Result(ListSuspended(parts_, *context, log, *request, *response)));
}

grpc::Status AdminServiceImpl::ServeUnit(grpc::ServerContext* context,
                                         const v1::ServeUnitRequest* request,
                                         v1::ServeUnitResponse* response) {
  CallLog log(parts_.gate, *context, "ServeUnit");
  return ToGrpcStatus(log.Result(Serve(parts_, *context, log, *request, *response)));
}

}  // namespace depcache::server
