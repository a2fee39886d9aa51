#include "server/rpc/explain_recipe.h"

#include "cache/base/status.h"
#include "server/rpc/stored_parts.h"

namespace depcache::server {
namespace {

constexpr int kMaxParts = 4096;

absl::StatusOr<std::optional<RecipeHash>> HashOrNone(const std::string& bytes) {
  if (bytes.empty()) return std::nullopt;
  DEPCACHE_ASSIGN_OR_RETURN(const RecipeHash hash, RecipeHash::FromBytes(bytes));
  return hash;
}

using Trace = std::map<std::string, PartDigest>;

absl::StatusOr<Trace> TraceOf(const v1::ExplainRecipeRequest& request) {
  if (request.trace_size() > kMaxParts) return InvalidArgument("more than {} parts", kMaxParts);
  Trace trace;
  for (const v1::TracePart& part : request.trace()) {
    DEPCACHE_ASSIGN_OR_RETURN(const PartDigest digest, PartDigest::FromBytes(part.digest()));
    if (!trace.emplace(part.name(), digest).second) {
      return InvalidArgument("part {} occurs twice", part.name().substr(0, 200));
    }
  }
  return trace;
}

// A named recipe: the newest of its variants, which all have one trace.
absl::StatusOr<NearestLayer> FindNamed(LayerCache& cache, const CallScope& scope,
                                       const RecipeHash& recipe) {
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<LayerRecord> layers, cache.DescribeLayers(scope, recipe));
  NearestLayer named;
  named.layer = std::move(layers.back());
  named.looked_at = static_cast<std::uint32_t>(layers.size());
  return named;
}

}  // namespace

absl::Status ExplainRecipe(const RpcParts& parts, const grpc::ServerContext& context, CallLog& log,
                           const v1::ExplainRecipeRequest& request,
                           v1::ExplainRecipeResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const Trace trace, TraceOf(request));
  DEPCACHE_ASSIGN_OR_RETURN(const auto against, HashOrNone(request.against()));
  DEPCACHE_ASSIGN_OR_RETURN(const auto except, HashOrNone(request.except()));
  DEPCACHE_ASSIGN_OR_RETURN(const NearestLayer found,
                            against ? FindNamed(parts.cache, scope, *against)
                                    : parts.cache.FindNearest(scope, trace, except));
  log.set_subject(found.layer.recipe.ToShortHex());
  response.set_recipe_hash(std::string(found.layer.recipe.AsBytes()));
  response.set_found_in_scope(found.scope);
  response.set_principal(found.layer.principal);
  response.set_created_unix_seconds(found.layer.created);
  response.set_unit_count(found.layer.unit_count);
  response.set_compile_ms(found.layer.compile_ms);
  response.set_layers_compared(found.looked_at);
  response.set_compared_all(found.looked_at_all);
  FillStoredParts(
      parts.cache, found.layer.trace,
      [&](const TracePart& part) {
        const auto ours = trace.find(part.name);
        return ours == trace.end() || ours->second != part.digest;
      },
      response.mutable_parts());
  return absl::OkStatus();
}

}  // namespace depcache::server
