#include "cache/store/rocksdb/rocksdb_catalog.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/store/rocksdb/keys.h"
#include "cache/store/rocksdb/rows.h"

namespace depcache {
namespace {

// The entry, or nullopt for one of another version or a damaged one: a miss.
template <typename Entry>
std::optional<Entry> OrMissing(absl::StatusOr<Entry> entry) {
  if (entry.ok()) return *std::move(entry);
  Log(LogLevel::kWarn, "an entry is left out: {}", ToText(entry.status()));
  return std::nullopt;
}

// What comes in is in order of variant or output already.
template <typename Entry>
void SortOldestFirst(std::vector<Entry>& entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.created < b.created; });
}

class RocksDbCatalog final : public Catalog {
 public:
  explicit RocksDbCatalog(std::shared_ptr<StoreParts> parts) : parts_(std::move(parts)) {}

  absl::Status Commit(const CommitBatch& batch) override {
    DEPCACHE_RETURN_IF_ERROR(CheckLimits(batch));
    const absl::Status committed = parts_->lane.Commit(batch);
    parts_->upkeep.Notice();
    return committed;
  }

  absl::StatusOr<std::vector<LayerRecord>> FindLayers(const ScopeKey& scope,
                                                      const RecipeHash& recipe) override {
    std::vector<LayerRecord> layers;
    const std::string prefix = LayerPrefix(scope, recipe);
    DEPCACHE_RETURN_IF_ERROR(
        ScanPrefixes(*parts_->database, Family::kLayer, {&prefix, 1},
                     [&](std::size_t, std::string_view key, std::string_view value) {
                       auto layer = OrMissing(DecodeLayer(key, value));
                       if (layer) layers.push_back(*std::move(layer));
                     }));
    SortOldestFirst(layers);
    return layers;
  }

  absl::StatusOr<std::vector<std::vector<UnitEntry>>> FindUnits(
      const ScopeKey& scope, std::span<const UnitKey> keys) override {
    std::vector<std::vector<UnitEntry>> units(keys.size());
    std::vector<std::string> prefixes;
    for (const UnitKey& key : keys) prefixes.push_back(UnitPrefix(scope, key));
    DEPCACHE_RETURN_IF_ERROR(
        ScanPrefixes(*parts_->database, Family::kUnit, prefixes,
                     [&](std::size_t i, std::string_view key, std::string_view value) {
                       auto unit = OrMissing(DecodeUnit(key, value));
                       if (unit) units[i].push_back(*std::move(unit));
                     }));
    for (std::vector<UnitEntry>& outputs : units) SortOldestFirst(outputs);
    return units;
  }

  absl::StatusOr<std::vector<std::optional<PackageEntry>>> FindPackages(
      const ScopeKey& scope, std::span<const PartDigest> checksums) override {
    std::vector<std::optional<PackageEntry>> packages(checksums.size());
    std::vector<std::string> keys;
    for (const PartDigest& checksum : checksums) keys.push_back(PackageKey(scope, checksum));
    const std::vector<std::string_view> asked(keys.begin(), keys.end());
    DEPCACHE_RETURN_IF_ERROR(GetRows(*parts_->database, Family::kPackage, asked,
                                     [&](std::size_t i, std::string_view value) {
                                       packages[i] = OrMissing(DecodePackage(keys[i], value));
                                     }));
    return packages;
  }

  absl::StatusOr<std::vector<bool>> FindRefs(const ScopeKey& scope,
                                             std::span<const BlobHash> hashes) override {
    std::vector<bool> refs(hashes.size());
    std::vector<std::string> keys;
    for (const BlobHash& hash : hashes) keys.push_back(RefKey(scope, hash));
    const std::vector<std::string_view> asked(keys.begin(), keys.end());
    DEPCACHE_RETURN_IF_ERROR(
        GetRows(*parts_->database, Family::kBlobRef, asked,
                [&](std::size_t i, std::string_view /*value*/) { refs[i] = true; }));
    return refs;
  }

  absl::Status EraseLayer(const ScopeKey& scope, const RecipeHash& recipe,
                          const PartDigest& variant) override {
    return parts_->lane.Erase(Family::kLayer, LayerKey(scope, recipe, variant));
  }

  absl::Status EraseUnit(const ScopeKey& scope, const UnitRef& unit) override {
    const std::string of_key = UnitPrefix(scope, unit.key);
    const std::string of_output = UnitRowKey(scope, unit);
    std::vector<std::string> keys;
    DEPCACHE_RETURN_IF_ERROR(
        ScanPrefixes(*parts_->database, Family::kUnit, {&of_key, 1},
                     [&](std::size_t, std::string_view key, std::string_view) {
                       if (key.starts_with(of_output)) keys.emplace_back(key);
                     }));
    for (const std::string& key : keys) {
      DEPCACHE_RETURN_IF_ERROR(parts_->lane.Erase(Family::kUnit, key));
    }
    return absl::OkStatus();
  }

  absl::Status PutReported(const ReportedUnit& reported) override {
    DEPCACHE_RETURN_IF_ERROR(CheckLimits(reported));
    return parts_->lane.Put(Family::kReport, UnitRowKey(reported.scope, reported.unit),
                            Encode(reported));
  }

  absl::Status EraseReported(const ScopeKey& scope, const UnitRef& unit) override {
    return parts_->lane.Erase(Family::kReport, UnitRowKey(scope, unit));
  }

  absl::Status ScanReported(const std::function<bool(const ReportedUnit&)>& visit) override {
    return ScanFrom(*parts_->database, Family::kReport, "",
                    [&](std::string_view key, std::string_view value) {
                      const auto reported = OrMissing(DecodeReported(key, value));
                      return !reported || visit(*reported);
                    });
  }

  absl::Status ScanLayers(const ScopeKey& scope, const std::optional<RecipeHash>& after,
                          const std::function<bool(const LayerRecord&)>& visit) override {
    const std::string skipped = after ? LayerPrefix(scope, *after) : "";
    // Past all variants of `after`: no variant is longer than this.
    const std::string start =
        after ? skipped + std::string(PartDigest::kSize, '\xff') : std::string(scope.AsBytes());
    return ScanFrom(*parts_->database, Family::kLayer, start,
                    [&](std::string_view key, std::string_view value) {
                      if (!key.starts_with(scope.AsBytes())) return false;
                      if (after && key.starts_with(skipped)) return true;
                      const auto layer = OrMissing(DecodeLayer(key, value));
                      return !layer || visit(*layer);
                    });
  }

  absl::StatusOr<CatalogCounts> Count() override {
    CatalogCounts counts;
    DEPCACHE_RETURN_IF_ERROR(CountRows(Family::kLayer, counts.layers));
    DEPCACHE_RETURN_IF_ERROR(CountRows(Family::kUnit, counts.units));
    return counts;
  }

 private:
  absl::Status CountRows(Family family, std::uint64_t& count) {
    return ScanFrom(*parts_->database, family, "", [&](std::string_view, std::string_view) {
      ++count;
      return true;
    });
  }

  const std::shared_ptr<StoreParts> parts_;
};

}  // namespace

std::shared_ptr<Catalog> MakeRocksDbCatalog(std::shared_ptr<StoreParts> parts) {
  return std::make_shared<RocksDbCatalog>(std::move(parts));
}

}  // namespace depcache
