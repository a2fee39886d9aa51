#include "client/remote/grpc_remote_admin.h"

#include "cache/base/hex.h"
#include "cache/base/status.h"
#include "cache/wire/convert.h"
#include "client/remote/grpc_caller.h"
#include "depcache/v1/admin_service.grpc.pb.h"
#include "depcache/v1/layer_service.grpc.pb.h"

namespace depcache::client {
namespace {

LayerSummary FromProto(const v1::LayerSummary& in) {
  return {in.recipe_hash(), ToHex(in.variant()), in.unit_count(),          in.plain_bytes(),
          in.compile_ms(),  in.principal(),      in.created_unix_seconds()};
}

PartState FromProto(v1::PartValue state) {
  switch (state) {
    case v1::PART_VALUE_SHOWN:
      return PartState::kShown;
    case v1::PART_VALUE_HIDDEN:
      return PartState::kHidden;
    case v1::PART_VALUE_LEFT_OUT:
      return PartState::kLeftOut;
    default:
      return PartState::kLost;  // also what a newer server may say
  }
}

template <typename List>
absl::StatusOr<std::vector<StoredPart>> PartsFromProto(const List& list) {
  std::vector<StoredPart> parts;
  for (const v1::StoredPart& in : list) {
    DEPCACHE_ASSIGN_OR_RETURN(const PartDigest digest, PartDigest::FromBytes(in.digest()));
    parts.push_back({in.name(), digest, FromProto(in.state()), in.value()});
  }
  return parts;
}

class GrpcRemoteAdmin final : public RemoteAdmin {
 public:
  GrpcRemoteAdmin(const RemoteOptions& options, std::shared_ptr<grpc::Channel> channel)
      : caller_(options, std::move(channel)),
        admin_(v1::AdminService::NewStub(caller_.channel())),
        layers_(v1::LayerService::NewStub(caller_.channel())) {}

  absl::StatusOr<ServerStats> GetStats() override {
    v1::GetStatsRequest request;
    v1::GetStatsResponse in;
    caller_.FillScope(request.mutable_scope());
    DEPCACHE_RETURN_IF_ERROR(Call(
        [&](grpc::ClientContext& context) { return admin_->GetStats(&context, request, &in); }));
    return ServerStats{
        in.server_version(), in.hits(),           in.partial_hits(),          in.misses(),
        in.bytes_served(),   in.bytes_received(), in.compile_seconds_saved(), in.layers(),
        in.units(),          in.disk_bytes(),     in.max_disk_bytes(),        in.evictions(),
        in.evicted_bytes(),  in.uptime_seconds(), in.streams_under_way(),     in.unit_reports(),
        in.suspended_units()};
  }

  absl::StatusOr<LayerPage> ListLayers(const std::string& page) override {
    v1::ListLayersRequest request;
    v1::ListLayersResponse response;
    caller_.FillScope(request.mutable_scope());
    request.set_page(page);
    DEPCACHE_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
      return admin_->ListLayers(&context, request, &response);
    }));
    LayerPage out;
    for (const v1::LayerSummary& layer : response.layers()) out.layers.push_back(FromProto(layer));
    out.next = response.next_page();
    return out;
  }

  absl::StatusOr<LayerDetails> ShowLayer(const RecipeHash& recipe) override {
    v1::ShowLayerRequest request;
    v1::ShowLayerResponse response;
    caller_.FillScope(request.mutable_scope());
    request.set_recipe_hash(std::string(recipe.AsBytes()));
    DEPCACHE_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
      return admin_->ShowLayer(&context, request, &response);
    }));
    LayerDetails out;
    for (const v1::LayerSummary& layer : response.variants()) {
      out.variants.push_back(FromProto(layer));
    }
    DEPCACHE_ASSIGN_OR_RETURN(out.parts, PartsFromProto(response.parts()));
    return out;
  }

  absl::StatusOr<std::uint32_t> EvictLayer(const RecipeHash& recipe) override {
    v1::EvictLayerRequest request;
    v1::EvictLayerResponse response;
    caller_.FillScope(request.mutable_scope());
    request.set_recipe_hash(std::string(recipe.AsBytes()));
    DEPCACHE_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
      return admin_->EvictLayer(&context, request, &response);
    }));
    return response.evicted();
  }

  absl::StatusOr<SuspendedList> ListSuspended() override {
    v1::ListSuspendedUnitsRequest request;
    v1::ListSuspendedUnitsResponse response;
    caller_.FillScope(request.mutable_scope());
    DEPCACHE_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
      return admin_->ListSuspendedUnits(&context, request, &response);
    }));
    SuspendedList list;
    list.is_cut = response.is_cut();
    for (const v1::SuspendedUnit& in : response.units()) {
      SuspendedUnit unit;
      DEPCACHE_ASSIGN_OR_RETURN(unit.unit, depcache::FromProto(in.unit()));
      unit.package = in.package().empty() ? "" : in.package() + " " + in.version();
      unit.principal = in.principal();
      for (const v1::HeardReport& heard : in.reports()) {
        unit.reports.push_back({heard.principal(), static_cast<ReportReason>(heard.reason()),
                                heard.text(), heard.created_unix_seconds()});
      }
      list.units.push_back(std::move(unit));
    }
    return list;
  }

  absl::StatusOr<std::uint32_t> ServeUnit(const UnitKey& key) override {
    v1::ServeUnitRequest request;
    v1::ServeUnitResponse response;
    caller_.FillScope(request.mutable_scope());
    request.set_unit_key(std::string(key.AsBytes()));
    DEPCACHE_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
      return admin_->ServeUnit(&context, request, &response);
    }));
    return response.served();
  }

  absl::StatusOr<Explanation> Explain(const RecipeTrace& trace,
                                      const std::optional<RecipeHash>& against,
                                      const std::optional<RecipeHash>& except) override {
    v1::ExplainRecipeRequest request;
    v1::ExplainRecipeResponse response;
    caller_.FillScope(request.mutable_scope());
    for (const auto& [name, digest] : trace) {
      v1::TracePart* part = request.add_trace();
      part->set_name(name);
      part->set_digest(std::string(digest.AsBytes()));
    }
    if (against) request.set_against(std::string(against->AsBytes()));
    if (except) request.set_except(std::string(except->AsBytes()));
    DEPCACHE_RETURN_IF_ERROR(Call([&](grpc::ClientContext& context) {
      return layers_->ExplainRecipe(&context, request, &response);
    }));
    Explanation out;
    DEPCACHE_ASSIGN_OR_RETURN(out.recipe, RecipeHash::FromBytes(response.recipe_hash()));
    out.principal = response.principal();
    out.created = response.created_unix_seconds();
    out.unit_count = response.unit_count();
    out.compile_ms = response.compile_ms();
    DEPCACHE_ASSIGN_OR_RETURN(out.parts, PartsFromProto(response.parts()));
    out.layers_compared = response.layers_compared();
    out.compared_all = response.compared_all();
    return out;
  }

 private:
  template <typename Method>
  absl::Status Call(const Method& method) {
    return caller_.Call(caller_.options().lookup_bound, method);
  }

  GrpcCaller caller_;
  const std::unique_ptr<v1::AdminService::Stub> admin_;
  const std::unique_ptr<v1::LayerService::Stub> layers_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RemoteAdmin>> OpenRemoteAdmin(const RemoteOptions& options) {
  DEPCACHE_ASSIGN_OR_RETURN(auto channel, OpenChannel(options));
  return std::unique_ptr<RemoteAdmin>(
      std::make_unique<GrpcRemoteAdmin>(options, std::move(channel)));
}

}  // namespace depcache::client
