// The use cases of the server, apart from how calls arrive (gRPC) and where
// bytes lie (the stores). All decisions are here.

#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/clock.h"
#include "cache/base/digest.h"
#include "cache/base/mutex.h"
#include "cache/engine/access_policy.h"
#include "cache/engine/compile_times.h"
#include "cache/engine/counters.h"
#include "cache/engine/pending_refs.h"
#include "cache/engine/ticket_table.h"
#include "cache/engine/unit_reports.h"
#include "cache/store/opened_store.h"

namespace depcache {

// What a call may touch: made from its caller by ResolveScope.
struct CallScope {
  std::string principal;
  std::vector<std::string> names;  // in the order of look-up; names[0] was asked for
  std::vector<ScopeKey> keys;      // of the same scopes
  bool can_write = false;          // names[0]
  bool is_admin = false;
};

// Errors: PERMISSION_DENIED; INVALID_ARGUMENT. An empty scope means "main".
absl::StatusOr<CallScope> ResolveScope(const Caller& caller, std::string_view instance,
                                       std::string_view scope);

struct FoundLayer {
  std::vector<LayerRecord> variants;  // whole; most units first, then oldest
  std::string ticket;
  std::string scope;
};

struct UnitCommit {
  UnitRef ref;
  Digest record;
};

struct CommitUnitsResult {
  std::vector<Digest> missing;
  std::uint32_t recorded = 0;
};

struct CommitLayerResult {
  std::vector<Digest> missing;
  bool existed = false;
};

// A part of a recipe as it was sent.
struct NamedValue {
  std::string name;
  std::string value;
};

// Reads blobs for one call. Not thread-safe.
class BlobReader {
 public:
  virtual ~BlobReader() = default;
  // As BlobView::Read; what the caller may not see is NOT_FOUND, as if it
  // were not there.
  virtual void Read(std::span<const BlobHash> hashes, const BlobView::FrameSink& sink) = 0;
};

// Finds units for one call. Not thread-safe.
class UnitFinder {
 public:
  virtual ~UnitFinder() = default;
  // For each key its entries, in the order of scopes, then oldest first. Only
  // those whose bytes are all there.
  virtual absl::StatusOr<std::vector<std::vector<UnitEntry>>> Find(
      std::span<const UnitKey> keys) = 0;
  // Lets the caller read all that was found, for a while. Once only.
  virtual std::string GiveTicket() = 0;
};

struct CacheStats {
  CatalogCounts entries;  // of all scopes
  std::uint64_t suspended_units = 0;  // of all scopes
  std::uint64_t stored_bytes = 0;
  std::uint64_t max_stored_bytes = 0;
  std::chrono::seconds uptime{0};
};

// A unit that is not served, with what is known of it still.
struct SuspendedUnit {
  ReportedUnit reported;
  std::string principal;             // who committed it; "" if it was evicted
  std::optional<PackageId> package;  // nullopt if its record was evicted
};

struct LayerPage {
  std::vector<LayerRecord> layers;  // in the order of recipe hashes
  std::optional<RecipeHash> next;   // where the next page starts; nullopt: this was the last
};

// The layer that is most like a recipe.
struct NearestLayer {
  LayerRecord layer;
  std::string scope;
  std::uint32_t equal_parts = 0;
  std::uint32_t looked_at = 0;  // layers
  bool looked_at_all = true;    // false: there are more than a search looks at
};

// Thread-safe. Errors of every method, besides those listed: UNAVAILABLE.
class LayerCache {
 public:
  struct Options {
    // Eviction starts above this many stored bytes.
    std::uint64_t max_stored_bytes = 50ULL << 30;
    // The store is cut into about this many generations.
    std::uint32_t generations = 16;
    std::chrono::seconds ticket_ttl{600};
    std::chrono::seconds pending_ttl{3600};
  };

  // `clock` must outlive this object.
  LayerCache(OpenedStore store, const Clock& clock, const Options& options);

  // The whole layers of a recipe in the first scope that has any. A layer
  // with a hole is forgotten, never given out.
  // Errors: NOT_FOUND.
  absl::StatusOr<FoundLayer> FindLayer(const CallScope& scope, const RecipeHash& recipe);

  // Must not outlive this object.
  std::unique_ptr<UnitFinder> OpenUnits(const CallScope& scope);

  // What units of these names (TimeNameOf) took where they were committed.
  CompileTimes::Expected ExpectedTimes(const CallScope& scope,
                                       std::span<const std::string> names) {
    return compile_times_.Of(scope.keys[0], names);
  }

  // The record of each package's sources, or nullopt.
  absl::StatusOr<std::vector<std::optional<Digest>>> FindPackages(
      const CallScope& scope, std::span<const PartDigest> checksums);

  // Positions of the blobs which `scope` does not have. The others are kept
  // from the next eviction.
  absl::StatusOr<std::vector<std::uint32_t>> FindMissing(const CallScope& scope,
                                                         std::span<const BlobHash> hashes);

  // `ticket` may be empty or have ended: then only refs decide.
  std::unique_ptr<BlobReader> OpenReader(const CallScope& scope, std::string_view ticket);

  // Checks each frame against its digest and stores it.
  // Errors: INVALID_ARGUMENT naming the blob; PERMISSION_DENIED;
  // RESOURCE_EXHAUSTED.
  absl::Status WriteBlobs(const CallScope& scope, std::span<const NewBlob> blobs);

  // Errors: INVALID_ARGUMENT; PERMISSION_DENIED; RESOURCE_EXHAUSTED.
  absl::StatusOr<CommitUnitsResult> CommitUnits(const CallScope& scope,
                                                std::span<const UnitCommit> units,
                                                std::span<const Digest> packages);

  // `recipe` and its `parts` have been checked to belong together.
  // Errors: as CommitUnits.
  absl::StatusOr<CommitLayerResult> CommitLayer(const CallScope& scope, const RecipeHash& recipe,
                                                std::span<const NamedValue> parts,
                                                std::span<const Digest> index);

  // Hears that a unit was no good where it was restored. Each of the caller's
  // scopes that has it judges for itself (docs/security.md); true if one of them
  // does not serve it any more, nor the layers which name it.
  // Errors: NOT_FOUND; INVALID_ARGUMENT (text above 1024 bytes);
  // RESOURCE_EXHAUSTED (the caller has reported too many).
  absl::StatusOr<bool> ReportUnit(const CallScope& scope, const UnitRef& unit, ReportReason reason,
                                  std::string_view text);

  // Rotates, copies forward what was touched, and evicts down to the limit.
  // Called by one thread from time to time. Blocks on the disk.
  absl::Status Maintain();

  // The layers of a recipe in the first scope that has any, whole or not.
  // Errors: NOT_FOUND.
  absl::StatusOr<std::vector<LayerRecord>> DescribeLayers(const CallScope& scope,
                                                          const RecipeHash& recipe);

  // The layer with the most parts of equal digest, of these the newest, over
  // all scopes the caller reads; not one of `except`, nor one whose part `kind`
  // differs. Looks at 10,000 layers at most, in the order of scopes and hashes.
  // Errors: NOT_FOUND (no layers at all).
  absl::StatusOr<NearestLayer> FindNearest(const CallScope& scope,
                                           const std::map<std::string, PartDigest>& trace,
                                           const std::optional<RecipeHash>& except);

  // The values of parts of a layer's trace; nullopt where one is not kept.
  std::vector<std::optional<std::string>> ReadValues(std::span<const TracePart> parts);

  // PERMISSION_DENIED for callers without the admin right.
  static absl::Status CheckAdmin(const CallScope& scope);

  // For callers with that right; others get PERMISSION_DENIED.
  absl::StatusOr<CacheStats> Stats(const CallScope& scope);
  // Layers of the named scope after `after`, about `max_layers`: variants of
  // one recipe stay together.
  absl::StatusOr<LayerPage> ListLayers(const CallScope& scope,
                                       const std::optional<RecipeHash>& after,
                                       std::size_t max_layers);
  // Forgets all layers of a recipe in the named scope; how many there were.
  // Their units stay, and what is being read is read to its end.
  absl::StatusOr<std::uint32_t> EvictLayers(const CallScope& scope, const RecipeHash& recipe);
  // Of the named scope, in the order of keys.
  absl::StatusOr<std::vector<SuspendedUnit>> ListSuspended(const CallScope& scope);
  // Serves the suspended outputs of a key again; how many there were.
  absl::StatusOr<std::uint32_t> ServeUnits(const CallScope& scope, const UnitKey& key);

  std::uint64_t stored_bytes() const;
  const Options& options() const { return options_; }
  const Counters& counters() const { return counters_; }
  // As Stats, for a caller within the server.
  absl::StatusOr<CacheStats> StatsNow();

 private:
  class Reader;
  class Finder;
  struct KnownLayer {
    std::uint64_t epoch = 0;
    std::shared_ptr<const BlobSet> blobs;
  };
  using LayerId = std::pair<ScopeKey, std::pair<RecipeHash, PartDigest>>;

  // The blobs of a layer if all are there; nullptr if not.
  absl::StatusOr<std::shared_ptr<const BlobSet>> WholeLayer(const ScopeKey& scope,
                                                            const LayerRecord& layer,
                                                            BlobView& view);
  absl::StatusOr<std::optional<UnitEntry>> FindEntry(const ScopeKey& scope, const UnitRef& unit);
  // Takes out the units that are not served.
  absl::Status DropSuspended(const ScopeKey& scope, std::vector<std::vector<UnitEntry>>& entries);
  absl::StatusOr<bool> NamesSuspended(const ScopeKey& scope, const LayerRecord& layer,
                                      BlobView& view);
  // Before the batch is committed: forgets entries that it answers reports of.
  absl::Status AnswerReports(const CommitBatch& batch);
  // Takes out of the batch the units and packages that are there already: the
  // first stays, unless some of its bytes are gone.
  absl::Status LeaveOutKnown(const CallScope& scope, CommitBatch& batch);
  absl::StatusOr<bool> IsWholePackage(const Digest& record);
  // For each hash whether `scope` may use it and the store has it.
  absl::StatusOr<std::vector<bool>> HasBlobs(const CallScope& scope,
                                             std::span<const BlobHash> hashes);
  absl::StatusOr<std::vector<bool>> MayRead(const CallScope& scope,
                                            std::span<const BlobHash> hashes);
  // Remembers which of these lie in old generations, to be copied forward.
  void Touch(std::span<const BlobHash> hashes, std::span<const std::optional<BlobState>> states);
  absl::StatusOr<std::vector<TracePart>> StoreTrace(std::span<const NamedValue> parts);
  std::uint64_t epoch() const;
  absl::Status EvictToLimit();

  const OpenedStore store_;
  const Options options_;
  const Clock& clock_;
  const SteadyTime started_;
  Counters counters_;
  TicketTable tickets_;
  PendingRefs pending_;
  UnitReports reports_;
  CompileTimes compile_times_;

  mutable Mutex mutex_;
  std::uint64_t epoch_ ABSL_GUARDED_BY(mutex_) = 1;  // grows with each drop
  std::map<LayerId, KnownLayer> known_ ABSL_GUARDED_BY(mutex_);
  std::set<BlobHash> touched_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace depcache
