#include "server/rpc/recipe_service.h"

#include "cache/base/status.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/recipe_parts.h"

namespace depcache::server {
namespace {

absl::Status FingerprintParts(const RpcParts& parts, const grpc::ServerContext& context,
                              CallLog& log, const v1::FingerprintRequest& request,
                              v1::FingerprintResponse& response) {
  DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope, OpenCall(parts, context, request.scope()));
  log.set_scope(scope);
  DEPCACHE_ASSIGN_OR_RETURN(const Recipe recipe,
                            RecipeOf(request.parts(), request.claimed_hash()));
  response.set_recipe_hash(RecipeHashText(recipe));
  for (const auto& [name, digest] : recipe.Trace()) {
    v1::TracePart* part = response.add_trace();
    part->set_name(name);
    part->set_digest(std::string(digest.AsBytes()));
  }
  log.set_subject(recipe.Hash().ToShortHex());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Recipe> RecipeOf(const google::protobuf::RepeatedPtrField<v1::RecipePart>& parts,
                                std::string_view claimed) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const v1::RecipePart& part : parts) values.emplace_back(part.name(), part.value());
  DEPCACHE_ASSIGN_OR_RETURN(Recipe recipe, Recipe::FromParts(std::move(values)));
  if (claimed.empty()) return recipe;
  DEPCACHE_RETURN_IF_ERROR(ParseRecipeHash(claimed).status());
  if (RecipeHashText(recipe) != claimed) {
    return InvalidArgument(
        "the parts hash to {}, not to the claimed {}; client and server may differ in version",
        RecipeHashText(recipe), claimed);
  }
  return recipe;
}

grpc::Status RecipeServiceImpl::Fingerprint(grpc::ServerContext* context,
                                            const v1::FingerprintRequest* request,
                                            v1::FingerprintResponse* response) {
  CallLog log(parts_.gate, *context, "Fingerprint");
  return ToGrpcStatus(log.Result(FingerprintParts(parts_, *context, log, *request, *response)));
}

}  // namespace depcache::server
