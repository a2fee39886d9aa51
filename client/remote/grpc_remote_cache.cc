#include "client/remote/grpc_remote_cache.h"

#include <algorithm>

#include <grpcpp/grpcpp.h>

#include "cache/base/status.h"
#include "cache/wire/convert.h"
#include "client/remote/grpc_build_watch.h"
#include "client/remote/grpc_caller.h"
#include "client/remote/grpc_resolve.h"
#include "client/remote/grpc_streams.h"
#include "depcache/v1/build_service.grpc.pb.h"
#include "depcache/v1/capabilities_service.grpc.pb.h"
#include "depcache/v1/layer_service.grpc.pb.h"
#include "depcache/v1/recipe_service.grpc.pb.h"

namespace depcache::client {
namespace {

constexpr std::size_t kMaxHashesPerCall = 65'536;

class GrpcRemoteCache final : public RemoteCache {
 public:
  GrpcRemoteCache(const RemoteOptions& options, std::shared_ptr<grpc::Channel> channel)
      : options_(options),
        caller_(options, std::move(channel)),
        builds_(v1::BuildService::NewStub(caller_.channel())),
        layers_(v1::LayerService::NewStub(caller_.channel())),
        recipes_(v1::RecipeService::NewStub(caller_.channel())),
        blobs_(v1::BlobService::NewStub(caller_.channel())),
        capabilities_(v1::CapabilitiesService::NewStub(caller_.channel())) {}

  absl::StatusOr<ServerInfo> GetInfo() override {
    v1::GetCapabilitiesRequest request;
    v1::GetCapabilitiesResponse response;
    FillScope(request.mutable_scope());
    DEPCACHE_RETURN_IF_ERROR(Call(options_.lookup_bound, [&](grpc::ClientContext& context) {
      return capabilities_->GetCapabilities(&context, request, &response);
    }));
    ServerInfo info;
    info.version = response.server_version();
    info.principal = response.principal();
    info.can_read = response.can_read();
    info.can_write = response.can_write();
    info.stored_bytes = response.stored_bytes();
    info.max_stored_bytes = response.max_stored_bytes();
    info.now_unix_seconds = response.now_unix_seconds();
    const auto has_version_1 = [](const auto& versions) {
      return std::find(versions.begin(), versions.end(), 1U) != versions.end();
    };
    info.speaks_our_protocol = has_version_1(response.protocol_versions());
    info.knows_our_recipe = has_version_1(response.recipe_versions());
    return info;
  }

  absl::StatusOr<LayerAnswer> GetLayer(const RecipeHash& recipe) override {
    v1::GetLayerRequest request;
    v1::GetLayerResponse response;
    FillScope(request.mutable_scope());
    request.set_recipe_hash(std::string(recipe.AsBytes()));
    DEPCACHE_RETURN_IF_ERROR(Call(options_.lookup_bound, [&](grpc::ClientContext& context) {
      return layers_->GetLayer(&context, request, &response);
    }));
    LayerAnswer answer;
    answer.ticket = response.ticket();
    answer.scope = response.found_in_scope();
    for (const v1::LayerVariant& variant : response.variants()) {
      LayerVariant out;
      for (const v1::Predicate& predicate : variant.predicates()) {
        DEPCACHE_ASSIGN_OR_RETURN(Predicate value, FromProto(predicate));
        out.predicates.push_back(std::move(value));
      }
      DEPCACHE_ASSIGN_OR_RETURN(out.index, DigestsFromProto(variant.index()));
      out.unit_count = variant.unit_count();
      out.plain_bytes = variant.plain_bytes();
      out.compile_ms = variant.compile_ms();
      answer.variants.push_back(std::move(out));
    }
    return answer;
  }

  absl::StatusOr<ResolveAnswer> ResolveUnits(std::span<const UnitQuestion> units,
                                             const PredicateValues& values) override {
    DEPCACHE_RETURN_IF_ERROR(Connect());
    v1::ResolveUnitsRequest first;
    FillScope(first.mutable_scope());
    const std::unique_ptr<grpc::ClientContext> context = NewContext();
    context->set_deadline(std::chrono::system_clock::now() + options_.lookup_bound);
    return Resolve(*layers_, std::move(first), *context, units, values);
  }

  absl::StatusOr<std::vector<std::optional<Digest>>> FindPackages(
      std::span<const PartDigest> checksums) override {
    v1::FindPackagesRequest request;
    v1::FindPackagesResponse response;
    FillScope(request.mutable_scope());
    request.set_checksums(Pack(checksums));
    DEPCACHE_RETURN_IF_ERROR(Call(options_.lookup_bound, [&](grpc::ClientContext& context) {
      return layers_->FindPackages(&context, request, &response);
    }));
    std::vector<std::optional<Digest>> records(checksums.size());
    if (response.records_size() != static_cast<int>(records.size())) {
      return Unavailable("the server answered for {} packages, not {}", response.records_size(),
                         records.size());
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
      const v1::Digest& record = response.records(static_cast<int>(i));
      if (record.sha256().empty()) continue;
      DEPCACHE_ASSIGN_OR_RETURN(records[i], FromProto(record));
    }
    return records;
  }

  absl::StatusOr<std::unique_ptr<BlobStream>> OpenBlobs(std::string_view ticket) override {
    DEPCACHE_RETURN_IF_ERROR(Connect());
    v1::ReadBlobsRequest first;
    FillScope(first.mutable_scope());
    first.set_ticket(std::string(ticket));
    return OpenBlobStream(*blobs_, std::move(first), NewContext(), options_.stall_bound);
  }

  absl::StatusOr<std::vector<std::uint32_t>> FindMissing(std::span<const Digest> digests) override {
    std::vector<std::uint32_t> missing;
    for (std::size_t start = 0; start < digests.size(); start += kMaxHashesPerCall) {
      const auto part = digests.subspan(start, std::min(kMaxHashesPerCall, digests.size() - start));
      v1::FindMissingRequest request;
      v1::FindMissingResponse response;
      FillScope(request.mutable_scope());
      for (const Digest& digest : part) request.mutable_hashes()->append(digest.hash.AsBytes());
      DEPCACHE_RETURN_IF_ERROR(Call(options_.lookup_bound, [&](grpc::ClientContext& context) {
        return blobs_->FindMissing(&context, request, &response);
      }));
      for (const std::uint32_t position : response.missing()) {
        if (position >= part.size()) return Unavailable("the server named a blob not asked for");
        missing.push_back(static_cast<std::uint32_t>(start) + position);
      }
    }
    return missing;
  }

  absl::StatusOr<std::unique_ptr<BlobUpload>> OpenUpload() override {
    DEPCACHE_RETURN_IF_ERROR(Connect());
    v1::WriteBlobsRequest first;
    FillScope(first.mutable_scope());
    return OpenBlobUpload(*blobs_, std::move(first), NewContext(), options_.stall_bound);
  }

  absl::StatusOr<std::vector<Digest>> CommitUnits(std::span<const UnitToCommit> units,
                                                  std::span<const Digest> packages) override {
    v1::CommitUnitsRequest request;
    v1::CommitUnitsResponse response;
    FillScope(request.mutable_scope());
    for (const UnitToCommit& unit : units) {
      v1::UnitCommit* out = request.add_units();
      ToProto(unit.ref, out->mutable_unit());
      ToProto(unit.record, out->mutable_record());
    }
    ToProto(packages, request.mutable_packages());
    DEPCACHE_RETURN_IF_ERROR(Call(options_.commit_bound, [&](grpc::ClientContext& context) {
      return layers_->CommitUnits(&context, request, &response);
    }));
    return DigestsFromProto(response.missing());
  }

  absl::StatusOr<std::vector<Digest>> CommitLayer(const Recipe& recipe,
                                                  std::span<const Digest> index) override {
    v1::CommitLayerRequest request;
    v1::CommitLayerResponse response;
    FillScope(request.mutable_scope());
    FillParts(recipe, request.mutable_parts());
    request.set_claimed_hash(RecipeHashText(recipe));
    ToProto(index, request.mutable_index());
    DEPCACHE_RETURN_IF_ERROR(Call(options_.commit_bound, [&](grpc::ClientContext& context) {
      return layers_->CommitLayer(&context, request, &response);
    }));
    return DigestsFromProto(response.missing());
  }

  absl::StatusOr<bool> ReportUnit(const UnitRef& unit, ReportReason reason,
                                  const std::string& text) override {
    v1::ReportUnitRequest request;
    v1::ReportUnitResponse response;
    FillScope(request.mutable_scope());
    ToProto(unit, request.mutable_unit());
    // One numbering, as report_reason.h says.
    request.set_reason(static_cast<v1::ReportReason>(reason));
    request.set_text(text);
    DEPCACHE_RETURN_IF_ERROR(Call(options_.lookup_bound, [&](grpc::ClientContext& context) {
      return layers_->ReportUnit(&context, request, &response);
    }));
    return response.is_suspended();
  }

  absl::StatusOr<BuildAnswer> BeginBuild(std::span<const UnitToBuild> units,
                                         bool only_asks, std::string_view lease_id) override {
    v1::BeginBuildRequest request;
    v1::BeginBuildResponse response;
    FillScope(request.mutable_scope());
    for (const UnitToBuild& unit : units) {
      request.mutable_build_keys()->append(unit.key.AsBytes());
      request.add_names(unit.name);
    }
    request.set_only_asks(only_asks);
    request.set_takes_free(true);
    request.set_lease_id(std::string(lease_id));
    DEPCACHE_RETURN_IF_ERROR(Call(options_.lookup_bound, [&](grpc::ClientContext& context) {
      return builds_->BeginBuild(&context, request, &response);
    }));
    BuildAnswer answer{response.lease_id(),
                       std::chrono::milliseconds(response.ttl_ms()),
                       {response.held().begin(), response.held().end()},
                       {},
                       {}};
    if (response.without_time() == 0) {
      answer.expected_total = std::chrono::milliseconds(response.expected_total_ms());
      answer.expected_longest = std::chrono::milliseconds(response.expected_longest_ms());
    }
    return answer;
  }

  absl::Status RenewBuild(std::string_view lease_id) override {
    v1::RenewBuildRequest request;
    v1::RenewBuildResponse response;
    FillScope(request.mutable_scope());
    request.set_lease_id(std::string(lease_id));
    return Call(options_.lookup_bound, [&](grpc::ClientContext& context) {
      return builds_->RenewBuild(&context, request, &response);
    });
  }

  absl::Status AbandonBuild(std::string_view lease_id,
                            std::span<const BuildKey> units) override {
    v1::AbandonBuildRequest request;
    v1::AbandonBuildResponse response;
    FillScope(request.mutable_scope());
    request.set_lease_id(std::string(lease_id));
    for (const BuildKey& key : units) request.mutable_build_keys()->append(key.AsBytes());
    return Call(options_.lookup_bound, [&](grpc::ClientContext& context) {
      return builds_->AbandonBuild(&context, request, &response);
    });
  }

  absl::StatusOr<std::unique_ptr<BuildWatch>> WatchBuild(std::span<const BuildKey> units) override {
    DEPCACHE_RETURN_IF_ERROR(Connect());
    v1::WatchLayerRequest request;
    FillScope(request.mutable_scope());
    for (const BuildKey& key : units) request.mutable_build_keys()->append(key.AsBytes());
    return OpenBuildWatch(*builds_, request, NewContext());
  }

  absl::Status Fingerprint(const Recipe& recipe) override {
    v1::FingerprintRequest request;
    v1::FingerprintResponse response;
    FillScope(request.mutable_scope());
    FillParts(recipe, request.mutable_parts());
    request.set_claimed_hash(RecipeHashText(recipe));
    return Call(options_.lookup_bound, [&](grpc::ClientContext& context) {
      return recipes_->Fingerprint(&context, request, &response);
    });
  }

 private:
  static void FillParts(const Recipe& recipe,
                        google::protobuf::RepeatedPtrField<v1::RecipePart>* out) {
    for (const auto& [name, value] : recipe.parts()) {
      v1::RecipePart* part = out->Add();
      part->set_name(name);
      part->set_value(value);
    }
  }

  void FillScope(v1::Scope* scope) const { caller_.FillScope(scope); }
  absl::Status Connect() { return caller_.Connect(); }
  std::unique_ptr<grpc::ClientContext> NewContext() const { return caller_.NewContext(); }
  template <typename Method>
  absl::Status Call(std::chrono::milliseconds bound, const Method& method) {
    return caller_.Call(bound, method);
  }

  const RemoteOptions options_;
  GrpcCaller caller_;
  const std::unique_ptr<v1::BuildService::Stub> builds_;
  const std::unique_ptr<v1::LayerService::Stub> layers_;
  const std::unique_ptr<v1::RecipeService::Stub> recipes_;
  const std::unique_ptr<v1::BlobService::Stub> blobs_;
  const std::unique_ptr<v1::CapabilitiesService::Stub> capabilities_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RemoteCache>> OpenRemoteCache(const RemoteOptions& options) {
  DEPCACHE_ASSIGN_OR_RETURN(auto channel, OpenChannel(options));
  return std::unique_ptr<RemoteCache>(
      std::make_unique<GrpcRemoteCache>(options, std::move(channel)));
}

}  // namespace depcache::client
