// Look-ups of LayerCache: units by key.

#include <algorithm>
#include <map>

#include "cache/base/status.h"
#include "cache/engine/layer_cache.h"
#include "cache/engine/layer_contents.h"

namespace depcache {

class LayerCache::Finder final : public UnitFinder {
 public:
  Finder(LayerCache& cache, CallScope scope)
      : cache_(cache), scope_(std::move(scope)), ticket_(std::make_shared<ReadTicket>()) {
    // Opened first: what is found through it stays readable.
    ticket_->view = cache_.store_.blobs->OpenView();
  }

  absl::StatusOr<std::vector<std::vector<UnitEntry>>> Find(std::span<const UnitKey> keys) override {
    std::vector<std::vector<UnitEntry>> found(keys.size());
    for (const ScopeKey& scope : scope_.keys) {
      DEPCACHE_ASSIGN_OR_RETURN(auto entries, cache_.store_.catalog->FindUnits(scope, keys));
      DEPCACHE_RETURN_IF_ERROR(cache_.DropSuspended(scope, entries));
      DEPCACHE_RETURN_IF_ERROR(DropHoles(entries));
      for (std::size_t i = 0; i < keys.size(); ++i) {
        std::move(entries[i].begin(), entries[i].end(), std::back_inserter(found[i]));
      }
    }
    return found;
  }

  // Takes out the entries whose bytes are not all there. They are not erased:
  // a writer may be about to bring the rest back.
  absl::Status DropHoles(std::vector<std::vector<UnitEntry>>& entries);

  std::string GiveTicket() override {
    if (!blobs_.empty()) cache_.counters_.Add(Count::kPartialHits);
    ticket_->blobs.push_back(std::make_shared<const BlobSet>(blobs_.begin(), blobs_.end()));
    return cache_.tickets_.Give(ticket_);
  }

 private:
  LayerCache& cache_;
  const CallScope scope_;
  const std::shared_ptr<ReadTicket> ticket_;
  std::set<BlobHash> blobs_;
};

absl::Status LayerCache::Finder::DropHoles(std::vector<std::vector<UnitEntry>>& entries) {
  std::vector<Digest> records;
  for (const auto& of_key : entries) {
    for (const UnitEntry& entry : of_key) records.push_back(entry.record);
  }
  if (records.empty()) return absl::OkStatus();
  const PlainBlobs plain = ReadPlain(*ticket_->view, records);
  std::vector<BlobHash> all;
  std::vector<std::pair<std::size_t, std::size_t>> ranges;  // of each record, in `all`
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::size_t start = all.size();
    all.push_back(records[i].hash);
    // "" does not decode: the unit then counts as one with a hole.
    const absl::StatusOr<UnitRecord> record = DecodeUnitRecord(plain.bytes[i]);
    if (record.ok()) {
      ticket_->saved->Add(records[i].hash, record->compile_ms);
      for (const Digest& blob : BlobsOf(*record)) all.push_back(blob.hash);
    }
    ranges.emplace_back(start, record.ok() ? all.size() : start);
  }
  DEPCACHE_ASSIGN_OR_RETURN(const auto states, cache_.store_.blobs->Find(all));
  cache_.Touch(all, states);
  const auto is_whole = [&](std::size_t i) {
    const auto [begin, end] = ranges[i];
    return begin < end && std::all_of(states.begin() + static_cast<std::ptrdiff_t>(begin),
                                      states.begin() + static_cast<std::ptrdiff_t>(end),
                                      [](const auto& state) { return state.has_value(); });
  };
  std::size_t next = 0;
  for (auto& of_key : entries) {
    std::erase_if(of_key, [&](const UnitEntry&) {
      const std::size_t i = next++;
      if (!is_whole(i)) return true;
      blobs_.insert(all.begin() + static_cast<std::ptrdiff_t>(ranges[i].first),
                    all.begin() + static_cast<std::ptrdiff_t>(ranges[i].second));
      return false;
    });
  }
  return absl::OkStatus();
}

std::unique_ptr<UnitFinder> LayerCache::OpenUnits(const CallScope& scope) {
  return std::make_unique<Finder>(*this, scope);
}

absl::Status LayerCache::LeaveOutKnown(const CallScope& scope, CommitBatch& batch) {
  std::vector<UnitKey> keys;
  for (const UnitEntry& unit : batch.units) keys.push_back(unit.ref.key);
  DEPCACHE_ASSIGN_OR_RETURN(auto known, store_.catalog->FindUnits(batch.scope, keys));
  DEPCACHE_RETURN_IF_ERROR(Finder(*this, scope).DropHoles(known));
  std::size_t next = 0;
  std::erase_if(batch.units, [&](const UnitEntry& unit) {
    const std::vector<UnitEntry>& of_key = known[next++];
    return std::any_of(of_key.begin(), of_key.end(), [&](const UnitEntry& entry) {
      return entry.ref == unit.ref && entry.predicates == unit.predicates;
    });
  });

  std::vector<PartDigest> checksums;
  for (const PackageEntry& package : batch.packages) checksums.push_back(package.checksum);
  DEPCACHE_ASSIGN_OR_RETURN(const auto packages,
                            store_.catalog->FindPackages(batch.scope, checksums));
  std::vector<PackageEntry> fresh;
  for (std::size_t i = 0; i < packages.size(); ++i) {
    bool is_whole = false;
    if (packages[i]) {
      DEPCACHE_ASSIGN_OR_RETURN(is_whole, IsWholePackage(packages[i]->record));
    }
    if (!is_whole) fresh.push_back(batch.packages[i]);
  }
  batch.packages = std::move(fresh);
  return absl::OkStatus();
}

absl::StatusOr<bool> LayerCache::IsWholePackage(const Digest& digest) {
  const PlainBlobs plain = ReadPlain(*store_.blobs->OpenView(), {&digest, 1});
  const absl::StatusOr<PackageRecord> record = DecodePackageRecord(plain.bytes[0]);
  if (!record.ok()) return false;
  std::vector<BlobHash> hashes = {digest.hash};
  for (const Digest& blob : record->crate) hashes.push_back(blob.hash);
  DEPCACHE_ASSIGN_OR_RETURN(const auto states, store_.blobs->Find(hashes));
  Touch(hashes, states);
  return std::all_of(states.begin(), states.end(),
                     [](const auto& state) { return state.has_value(); });
}

}  // namespace depcache
