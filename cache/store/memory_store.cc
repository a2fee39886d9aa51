// Both interfaces in maps. Each has one mutex; what it hands out is shared and
// immutable, so that no lock is held while a caller looks at it.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "cache/base/mutex.h"
#include "cache/base/status.h"
#include "cache/store/opened_store.h"

namespace depcache {
namespace {

struct StoredFrame {
  std::string bytes;
  std::uint32_t plain_bytes = 0;
};

// Never looked into but under MemoryBlobs::mutex_.
struct MemoryGeneration {
  std::map<BlobHash, std::shared_ptr<const StoredFrame>> frames;
  std::uint64_t stored_bytes = 0;

  void Add(const BlobHash& hash, std::shared_ptr<const StoredFrame> frame) {
    const std::uint64_t size = frame->bytes.size();
    if (frames.emplace(hash, std::move(frame)).second) stored_bytes += size;
  }
};

using GenerationMap = std::map<std::uint32_t, std::shared_ptr<MemoryGeneration>>;

std::shared_ptr<const StoredFrame> FindIn(const GenerationMap& generations, const BlobHash& hash) {
  for (const auto& [number, generation] : generations) {
    const auto found = generation->frames.find(hash);
    if (found != generation->frames.end()) return found->second;
  }
  return nullptr;
}

class MemoryBlobs final : public BlobStore, public std::enable_shared_from_this<MemoryBlobs> {
 public:
  std::shared_ptr<BlobView> OpenView() override;

  absl::StatusOr<std::vector<std::optional<BlobState>>> Find(
      std::span<const BlobHash> hashes) override {
    std::vector<std::optional<BlobState>> states(hashes.size());
    MutexLock lock(mutex_);
    for (std::size_t i = 0; i < hashes.size(); ++i) states[i] = FindLocked(hashes[i]);
    return states;
  }

  absl::Status Write(std::span<const NewBlob> blobs) override {
    DEPCACHE_RETURN_IF_ERROR(CheckLimits(blobs));
    MutexLock lock(mutex_);
    for (const NewBlob& blob : blobs) {
      if (FindLocked(blob.digest.hash)) continue;
      auto frame = std::make_shared<StoredFrame>();
      frame->bytes = blob.frame;
      frame->plain_bytes = static_cast<std::uint32_t>(blob.digest.size_bytes);
      generations_.rbegin()->second->Add(blob.digest.hash, std::move(frame));
    }
    return absl::OkStatus();
  }

  absl::Status CopyForward(std::span<const BlobHash> hashes) override {
    MutexLock lock(mutex_);
    for (const BlobHash& hash : hashes) {
      const std::optional<BlobState> state = FindLocked(hash);
      if (!state || state->generation == generations_.rbegin()->first) continue;
      generations_.rbegin()->second->Add(hash, generations_[state->generation]->frames[hash]);
    }
    return absl::OkStatus();
  }

  std::vector<GenerationState> Generations() override {
    std::vector<GenerationState> states;
    MutexLock lock(mutex_);
    for (const auto& [number, generation] : generations_) {
      states.push_back(GenerationState{number, generation->stored_bytes});
    }
    return states;
  }

  absl::Status Rotate() override {
    MutexLock lock(mutex_);
    const std::uint32_t number = generations_.rbegin()->first + 1;
    generations_.emplace(number, std::make_shared<MemoryGeneration>());
    return absl::OkStatus();
  }

  absl::Status DropOldest() override {
    MutexLock lock(mutex_);
    if (generations_.size() < 2) {
      return FailedPrecondition("the newest generation cannot be dropped");
    }
    generations_.erase(generations_.begin());
    return absl::OkStatus();
  }

  // The frame in a generation of now or, if it is in none, in one of `held`.
  std::shared_ptr<const StoredFrame> FindFrame(const BlobHash& hash, const GenerationMap& held) {
    MutexLock lock(mutex_);
    std::shared_ptr<const StoredFrame> found = FindIn(generations_, hash);
    return found != nullptr ? found : FindIn(held, hash);
  }

 private:
  std::optional<BlobState> FindLocked(const BlobHash& hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (auto it = generations_.rbegin(); it != generations_.rend(); ++it) {
      const auto found = it->second->frames.find(hash);
      if (found == it->second->frames.end()) continue;
      const StoredFrame& frame = *found->second;
      return BlobState{frame.plain_bytes, static_cast<std::uint32_t>(frame.bytes.size()),
                       it->first};
    }
    return std::nullopt;
  }

  Mutex mutex_;
  // Oldest first.
  GenerationMap generations_ ABSL_GUARDED_BY(mutex_) = {{1, std::make_shared<MemoryGeneration>()}};
};

class MemoryView final : public BlobView {
 public:
  MemoryView(std::shared_ptr<MemoryBlobs> blobs, GenerationMap held)
      : blobs_(std::move(blobs)), held_(std::move(held)) {}

  void Read(std::span<const BlobHash> hashes, const FrameSink& sink) override {
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if (!sink(i, ReadOne(hashes[i]))) return;
    }
  }

 private:
  absl::StatusOr<Frame> ReadOne(const BlobHash& hash) {
    const std::shared_ptr<const StoredFrame> found = blobs_->FindFrame(hash, held_);
    if (found == nullptr) return NotFound("no blob {}", hash.ToShortHex());
    return Frame{found, found->bytes, found->plain_bytes};
  }

  const std::shared_ptr<MemoryBlobs> blobs_;
  const GenerationMap held_;
};

std::shared_ptr<BlobView> MemoryBlobs::OpenView() {
  MutexLock lock(mutex_);
  return std::make_shared<MemoryView>(shared_from_this(), generations_);
}

class MemoryCatalog final : public Catalog {
 public:
  absl::Status Commit(const CommitBatch& batch) override {
    DEPCACHE_RETURN_IF_ERROR(CheckLimits(batch));
    MutexLock lock(mutex_);
    for (const BlobHash& ref : batch.refs) refs_.emplace(batch.scope, ref);
    for (const UnitEntry& unit : batch.units) {
      units_[{batch.scope, unit.ref.key, unit.ref.output, VariantOf(unit.predicates)}] = unit;
    }
    for (const PackageEntry& package : batch.packages) {
      packages_[{batch.scope, package.checksum}] = package;
    }
    if (batch.layer) {
      layers_[{batch.scope, batch.layer->recipe, batch.layer->variant}] = *batch.layer;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<LayerRecord>> FindLayers(const ScopeKey& scope,
                                                      const RecipeHash& recipe) override {
    std::vector<LayerRecord> layers;
    MutexLock lock(mutex_);
    for (auto it = layers_.lower_bound(LayerId{scope, recipe, {}});
         it != layers_.end() && IsOf(it->first, scope, recipe); ++it) {
      layers.push_back(it->second);
    }
    SortOldestFirst(layers);
    return layers;
  }

  absl::StatusOr<std::vector<std::vector<UnitEntry>>> FindUnits(
      const ScopeKey& scope, std::span<const UnitKey> keys) override {
    std::vector<std::vector<UnitEntry>> units(keys.size());
    MutexLock lock(mutex_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      for (auto it = units_.lower_bound(EntryId{scope, keys[i], {}, {}});
           it != units_.end() && IsOf(it->first, scope, keys[i]); ++it) {
        units[i].push_back(it->second);
      }
      SortOldestFirst(units[i]);
    }
    return units;
  }

  absl::StatusOr<std::vector<std::optional<PackageEntry>>> FindPackages(
      const ScopeKey& scope, std::span<const PartDigest> checksums) override {
    std::vector<std::optional<PackageEntry>> packages(checksums.size());
    MutexLock lock(mutex_);
    for (std::size_t i = 0; i < checksums.size(); ++i) {
      const auto found = packages_.find(std::pair(scope, checksums[i]));
      if (found != packages_.end()) packages[i] = found->second;
    }
    return packages;
  }

  absl::StatusOr<std::vector<bool>> FindRefs(const ScopeKey& scope,
                                             std::span<const BlobHash> hashes) override {
    std::vector<bool> refs(hashes.size());
    MutexLock lock(mutex_);
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      refs[i] = refs_.contains(std::pair(scope, hashes[i]));
    }
    return refs;
  }

  absl::Status EraseLayer(const ScopeKey& scope, const RecipeHash& recipe,
                          const PartDigest& variant) override {
    MutexLock lock(mutex_);
    layers_.erase(LayerId{scope, recipe, variant});
    return absl::OkStatus();
  }

  absl::Status EraseUnit(const ScopeKey& scope, const UnitRef& unit) override {
    MutexLock lock(mutex_);
    std::erase_if(units_, [&](const auto& entry) {
      return IsOf(entry.first, scope, unit.key) && entry.second.ref == unit;
    });
    return absl::OkStatus();
  }

  absl::Status PutReported(const ReportedUnit& reported) override {
    DEPCACHE_RETURN_IF_ERROR(CheckLimits(reported));
    MutexLock lock(mutex_);
    reported_[UnitId{reported.scope, reported.unit.key, reported.unit.output}] = reported;
    return absl::OkStatus();
  }

  absl::Status EraseReported(const ScopeKey& scope, const UnitRef& unit) override {
    MutexLock lock(mutex_);
    reported_.erase(UnitId{scope, unit.key, unit.output});
    return absl::OkStatus();
  }

  absl::Status ScanReported(const std::function<bool(const ReportedUnit&)>& visit) override {
    std::map<std::string, ReportedUnit> by_bytes;  // as a row's key
    {
      MutexLock lock(mutex_);
      for (const auto& [id, unit] : reported_) {
        by_bytes[std::string(unit.scope.AsBytes())
                     .append(unit.unit.key.AsBytes())
                     .append(unit.unit.output.AsBytes())] = unit;
      }
    }
    for (const auto& [key, unit] : by_bytes) {
      if (!visit(unit)) break;
    }
    return absl::OkStatus();
  }

  absl::Status ScanLayers(const ScopeKey& scope, const std::optional<RecipeHash>& after,
                          const std::function<bool(const LayerRecord&)>& visit) override {
    std::vector<LayerRecord> layers;
    {
      MutexLock lock(mutex_);
      for (auto it = layers_.lower_bound(LayerId{scope, after.value_or(RecipeHash{}), {}});
           it != layers_.end() && std::get<0>(it->first) == scope; ++it) {
        if (!after || std::get<1>(it->first) != *after) layers.push_back(it->second);
      }
    }
    for (const LayerRecord& layer : layers) {
      if (!visit(layer)) break;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<CatalogCounts> Count() override {
    MutexLock lock(mutex_);
    return CatalogCounts{layers_.size(), units_.size()};
  }

 private:
  using LayerId = std::tuple<ScopeKey, RecipeHash, PartDigest>;
  using UnitId = std::tuple<ScopeKey, UnitKey, OutputDigest>;
  using EntryId = std::tuple<ScopeKey, UnitKey, OutputDigest, PartDigest>;

  template <typename Id, typename Key>
  static bool IsOf(const Id& id, const ScopeKey& scope, const Key& key) {
    return std::get<0>(id) == scope && std::get<1>(id) == key;
  }
  // What comes in is in order of variant or output already.
  template <typename Entry>
  static void SortOldestFirst(std::vector<Entry>& entries) {
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.created < b.created; });
  }

  Mutex mutex_;
  std::set<std::pair<ScopeKey, BlobHash>> refs_ ABSL_GUARDED_BY(mutex_);
  std::map<LayerId, LayerRecord> layers_ ABSL_GUARDED_BY(mutex_);
  std::map<EntryId, UnitEntry> units_ ABSL_GUARDED_BY(mutex_);
  std::map<UnitId, ReportedUnit> reported_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<ScopeKey, PartDigest>, PackageEntry> packages_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

OpenedStore MakeMemoryStore() {
  return OpenedStore{std::make_shared<MemoryBlobs>(), std::make_shared<MemoryCatalog>()};
}

}  // namespace depcache
