// Look-ups of LayerCache: layers and packages.

#include <algorithm>

#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/engine/layer_cache.h"
#include "cache/engine/layer_contents.h"

namespace depcache {
namespace {

constexpr std::size_t kMaxKnownLayers = 256;
constexpr std::size_t kMaxTickets = 4096;
constexpr std::size_t kMaxPendingRefs = 1'000'000;
constexpr std::string_view kDefaultScope = "main";

}  // namespace

absl::StatusOr<CallScope> ResolveScope(const Caller& caller, std::string_view instance,
                                       std::string_view scope) {
  if (instance != caller.instance) {
    return PermissionDenied("{} may not use instance '{}'", caller.principal,
                            instance.substr(0, 200));
  }
  if (scope.empty()) scope = kDefaultScope;
  CallScope resolved;
  resolved.principal = caller.principal;
  DEPCACHE_ASSIGN_OR_RETURN(resolved.names, ReadOrder(caller, scope));
  for (const std::string& name : resolved.names) {
    resolved.keys.push_back(ScopeKeyOf(instance, name));
  }
  resolved.can_write = CheckWrite(caller, scope).ok();
  resolved.is_admin = caller.is_admin;
  return resolved;
}

LayerCache::LayerCache(OpenedStore store, const Clock& clock, const Options& options)
    : store_(std::move(store)),
      options_(options),
      clock_(clock),
      started_(clock.SteadyNow()),
      tickets_(clock, options.ticket_ttl, kMaxTickets),
      pending_(clock, options.pending_ttl, kMaxPendingRefs),
      reports_(store_.catalog, clock, UnitReports::Options{}) {}

std::uint64_t LayerCache::epoch() const {
  MutexLock lock(mutex_);
  return epoch_;
}

absl::StatusOr<std::shared_ptr<const BlobSet>> LayerCache::WholeLayer(const ScopeKey& scope,
                                                                      const LayerRecord& layer,
                                                                      BlobView& view) {
  const LayerId id{scope, {layer.recipe, layer.variant}};
  // Read before the blobs are looked up: a drop in between makes the entry
  // too old, never too new.
  const std::uint64_t now = epoch();
  std::shared_ptr<const BlobSet> blobs;
  {
    MutexLock lock(mutex_);
    const auto known = known_.find(id);
    if (known != known_.end() && known->second.epoch == now) blobs = known->second.blobs;
  }
  const bool was_known = blobs != nullptr;
  if (!was_known) {
    DEPCACHE_ASSIGN_OR_RETURN(const LayerContents contents, LoadLayer(view, layer.index));
    if (!contents.missing.empty()) return nullptr;
    blobs = std::make_shared<const BlobSet>(contents.AllBlobs(layer.index));
  }
  DEPCACHE_ASSIGN_OR_RETURN(const auto states, store_.blobs->Find(*blobs));
  if (std::find(states.begin(), states.end(), std::nullopt) != states.end()) return nullptr;
  Touch(*blobs, states);
  if (!was_known) {
    MutexLock lock(mutex_);
    if (known_.size() >= kMaxKnownLayers) known_.clear();
    known_[id] = KnownLayer{now, blobs};
  }
  return blobs;
}

absl::StatusOr<FoundLayer> LayerCache::FindLayer(const CallScope& scope, const RecipeHash& recipe) {
  for (std::size_t i = 0; i < scope.keys.size(); ++i) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::vector<LayerRecord> layers,
                              store_.catalog->FindLayers(scope.keys[i], recipe));
    if (layers.empty()) continue;
    // Opened first: what is found through it stays readable.
    auto ticket = std::make_shared<ReadTicket>();
    ticket->view = store_.blobs->OpenView();
    FoundLayer found;
    found.scope = scope.names[i];
    for (const LayerRecord& layer : layers) {
      absl::StatusOr<std::shared_ptr<const BlobSet>> blobs =
          WholeLayer(scope.keys[i], layer, *ticket->view);
      if (blobs.ok() && *blobs != nullptr) {
        DEPCACHE_ASSIGN_OR_RETURN(const bool is_suspended,
                                  NamesSuspended(scope.keys[i], layer, *ticket->view));
        if (is_suspended) continue;
        ticket->blobs.push_back(*std::move(blobs));
        found.variants.push_back(layer);
        if (!layer.index.empty()) ticket->saved->Add(layer.index[0].hash, layer.compile_ms);
        continue;
      }
      if (!blobs.ok() && blobs.status().code() != absl::StatusCode::kInvalidArgument) {
        return blobs.status();
      }
      Log(LogLevel::kInfo, "layer {} of scope {} has a hole: forgotten", recipe.ToShortHex(),
          scope.names[i]);
      DEPCACHE_RETURN_IF_ERROR(
          store_.catalog->EraseLayer(scope.keys[i], recipe, layer.variant));
    }
    if (found.variants.empty()) continue;
    // Its predicates are those of its units: a layer with units left out often
    // holds where a whole one does, and must not hide it.
    std::stable_sort(found.variants.begin(), found.variants.end(),
                     [](const LayerRecord& a, const LayerRecord& b) {
                       return a.unit_count > b.unit_count;
                     });
    found.ticket = tickets_.Give(std::move(ticket));
    counters_.Add(Count::kHits);
    return found;
  }
  counters_.Add(Count::kMisses);
  return NotFound("no layer for recipe {} in scope {}", recipe.ToShortHex(),
                  fmt::join(scope.names, ", "));
}

absl::StatusOr<std::vector<std::optional<Digest>>> LayerCache::FindPackages(
    const CallScope& scope, std::span<const PartDigest> checksums) {
  std::vector<std::optional<Digest>> found(checksums.size());
  for (const ScopeKey& key : scope.keys) {
    DEPCACHE_ASSIGN_OR_RETURN(const auto entries, store_.catalog->FindPackages(key, checksums));
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (!found[i] && entries[i]) found[i] = entries[i]->record;
    }
  }
  return found;
}

std::uint64_t LayerCache::stored_bytes() const {
  std::uint64_t sum = 0;
  for (const GenerationState& generation : store_.blobs->Generations()) {
    sum += generation.stored_bytes;
  }
  return sum;
}

}  // namespace depcache
