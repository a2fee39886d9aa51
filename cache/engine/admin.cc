// What LayerCache says of itself: figures, its layers, and which is like a recipe.

#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/engine/layer_cache.h"
#include "cache/engine/layer_contents.h"

namespace depcache {
namespace {

constexpr std::uint32_t kMaxLookedAt = 10'000;
// Recipes of two kinds (Cargo's, Go's) have nothing to do with each other.
constexpr std::string_view kKindPart = "kind";

bool IsOfKind(const LayerRecord& layer, const std::map<std::string, PartDigest>& trace) {
  const auto ours = trace.find(std::string(kKindPart));
  for (const TracePart& part : layer.trace) {
    if (part.name == kKindPart) return ours != trace.end() && ours->second == part.digest;
  }
  return ours == trace.end();
}

std::uint32_t CountEqual(const std::vector<TracePart>& parts,
                         const std::map<std::string, PartDigest>& trace) {
  std::uint32_t equal = 0;
  for (const TracePart& part : parts) {
    const auto other = trace.find(part.name);
    if (other != trace.end() && other->second == part.digest) ++equal;
  }
  return equal;
}

}  // namespace

absl::Status LayerCache::CheckAdmin(const CallScope& scope) {
  if (scope.is_admin) return absl::OkStatus();
  return PermissionDenied("{} has no admin right on this server", scope.principal);
}

absl::StatusOr<std::vector<LayerRecord>> LayerCache::DescribeLayers(const CallScope& scope,
                                                                    const RecipeHash& recipe) {
  for (const ScopeKey& key : scope.keys) {
    DEPCACHE_ASSIGN_OR_RETURN(std::vector<LayerRecord> layers,
                              store_.catalog->FindLayers(key, recipe));
    if (!layers.empty()) return layers;
  }
  return NotFound("no layer for recipe {} in scope {}", recipe.ToShortHex(),
                  fmt::join(scope.names, ", "));
}

absl::StatusOr<NearestLayer> LayerCache::FindNearest(const CallScope& scope,
                                                     const std::map<std::string, PartDigest>& trace,
                                                     const std::optional<RecipeHash>& except) {
  NearestLayer nearest;
  bool has_any = false;
  for (std::size_t i = 0; i < scope.keys.size() && nearest.looked_at_all; ++i) {
    DEPCACHE_RETURN_IF_ERROR(
        store_.catalog->ScanLayers(scope.keys[i], std::nullopt, [&](const LayerRecord& layer) {
          if (nearest.looked_at == kMaxLookedAt) {
            nearest.looked_at_all = false;
            return false;
          }
          ++nearest.looked_at;
          if (layer.recipe == except || !IsOfKind(layer, trace)) return true;
          const std::uint32_t equal = CountEqual(layer.trace, trace);
          const bool is_nearer =
              !has_any || equal > nearest.equal_parts ||
              (equal == nearest.equal_parts && layer.created > nearest.layer.created);
          if (!is_nearer) return true;
          has_any = true;
          nearest.layer = layer;
          nearest.scope = scope.names[i];
          nearest.equal_parts = equal;
          return true;
        }));
  }
  if (!has_any)
    return NotFound("no layer to compare with in scope {}", fmt::join(scope.names, ", "));
  return nearest;
}

std::vector<std::optional<std::string>> LayerCache::ReadValues(std::span<const TracePart> parts) {
  std::vector<std::optional<std::string>> values;
  const std::shared_ptr<BlobView> view = store_.blobs->OpenView();
  for (const TracePart& part : parts) {
    values.emplace_back();
    if (part.value == Digest{}) continue;
    PlainBlobs plain = ReadPlain(*view, {&part.value, 1});
    if (plain.missing.empty()) values.back() = std::move(plain.bytes[0]);
  }
  return values;
}

absl::StatusOr<CacheStats> LayerCache::Stats(const CallScope& scope) {
  DEPCACHE_RETURN_IF_ERROR(CheckAdmin(scope));
  return StatsNow();
}

absl::StatusOr<CacheStats> LayerCache::StatsNow() {
  CacheStats stats;
  DEPCACHE_ASSIGN_OR_RETURN(stats.entries, store_.catalog->Count());
  DEPCACHE_ASSIGN_OR_RETURN(stats.suspended_units, reports_.CountSuspended());
  stats.stored_bytes = stored_bytes();
  stats.max_stored_bytes = options_.max_stored_bytes;
  stats.uptime = std::chrono::duration_cast<std::chrono::seconds>(clock_.SteadyNow() - started_);
  return stats;
}

absl::StatusOr<LayerPage> LayerCache::ListLayers(const CallScope& scope,
                                                 const std::optional<RecipeHash>& after,
                                                 std::size_t max_layers) {
  DEPCACHE_RETURN_IF_ERROR(CheckAdmin(scope));
  LayerPage page;
  DEPCACHE_RETURN_IF_ERROR(
      store_.catalog->ScanLayers(scope.keys[0], after, [&](const LayerRecord& layer) {
        if (page.layers.size() >= max_layers && !page.layers.empty() &&
            layer.recipe != page.layers.back().recipe) {
          page.next = page.layers.back().recipe;
          return false;
        }
        page.layers.push_back(layer);
        return true;
      }));
  return page;
}

absl::StatusOr<std::uint32_t> LayerCache::EvictLayers(const CallScope& scope,
                                                      const RecipeHash& recipe) {
  DEPCACHE_RETURN_IF_ERROR(CheckAdmin(scope));
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<LayerRecord> layers,
                            store_.catalog->FindLayers(scope.keys[0], recipe));
  std::uint32_t erased = 0;
  for (const LayerRecord& layer : layers) {
    DEPCACHE_RETURN_IF_ERROR(store_.catalog->EraseLayer(scope.keys[0], recipe, layer.variant));
    ++erased;
  }
  Log(LogLevel::kInfo, "{} layers of recipe {} in scope {} were evicted by {}", erased,
      recipe.ToShortHex(), scope.names[0], scope.principal);
  return erased;
}

}  // namespace depcache
