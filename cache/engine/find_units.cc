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

  std::string GiveTicket() override {
    if (!blobs_.empty()) cache_.counters_.Add(Count::kPartialHits);
    ticket_->blobs.push_back(std::make_shared<const BlobSet>(blobs_.begin(), blobs_.end()));
    return cache_.tickets_.Give(ticket_);
  }

 private:
  // Takes out the entries whose bytes are not all there. They are not erased:
  // a writer may be about to bring the rest back.
  absl::Status DropHoles(std::vector<std::vector<UnitEntry>>& entries) {
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

  LayerCache& cache_;
  const CallScope scope_;
  const std::shared_ptr<ReadTicket> ticket_;
  std::set<BlobHash> blobs_;
};

std::unique_ptr<UnitFinder> LayerCache::OpenUnits(const CallScope& scope) {
  return std::make_unique<Finder>(*this, scope);
}

}  // namespace depcache
