#pragma once

#include <map>
#include <string>

#include "cache/base/status.h"
#include "client/remote/remote_admin.h"

namespace depcache::testing {

// A server's desk in memory. The public members are what it says.
class FakeAdmin final : public client::RemoteAdmin {
 public:
  client::ServerStats stats;
  std::map<std::string, client::LayerPage> pages;  // by the page before
  std::map<RecipeHash, client::LayerDetails> layers;
  client::SuspendedList suspended;
  client::Explanation explanation;
  bool has_explanation = true;
  // What every call answers, unless it is OK.
  absl::Status broken;
  // Of the last call of Explain.
  RecipeTrace asked;
  std::optional<RecipeHash> asked_against;
  std::optional<RecipeHash> asked_except;

  absl::StatusOr<client::ServerStats> GetStats() override {
    if (!broken.ok()) return broken;
    return stats;
  }
  absl::StatusOr<client::LayerPage> ListLayers(const std::string& page) override {
    if (!broken.ok()) return broken;
    return pages[page];
  }
  absl::StatusOr<client::LayerDetails> ShowLayer(const RecipeHash& recipe) override {
    if (!broken.ok()) return broken;
    if (!layers.contains(recipe)) return NotFound("no layer");
    return layers[recipe];
  }
  absl::StatusOr<std::uint32_t> EvictLayer(const RecipeHash& recipe) override {
    if (!broken.ok()) return broken;
    const auto count = static_cast<std::uint32_t>(layers[recipe].variants.size());
    layers.erase(recipe);
    return count;
  }
  absl::StatusOr<client::SuspendedList> ListSuspended() override {
    if (!broken.ok()) return broken;
    return suspended;
  }
  absl::StatusOr<std::uint32_t> ServeUnit(const UnitKey& key) override {
    if (!broken.ok()) return broken;
    return static_cast<std::uint32_t>(std::erase_if(
        suspended.units, [&](const client::SuspendedUnit& unit) { return unit.unit.key == key; }));
  }
  absl::StatusOr<client::Explanation> Explain(const RecipeTrace& trace,
                                              const std::optional<RecipeHash>& against,
                                              const std::optional<RecipeHash>& except) override {
    if (!broken.ok()) return broken;
    asked = trace;
    asked_against = against;
    asked_except = except;
    if (!has_explanation) return NotFound("no layer to compare with");
    return explanation;
  }
};

// Hands out one FakeAdmin that outlives it.
class SharedAdmin final : public client::RemoteAdmin {
 public:
  explicit SharedAdmin(FakeAdmin& admin) : admin_(admin) {}
  absl::StatusOr<client::ServerStats> GetStats() override { return admin_.GetStats(); }
  absl::StatusOr<client::LayerPage> ListLayers(const std::string& page) override {
    return admin_.ListLayers(page);
  }
  absl::StatusOr<client::LayerDetails> ShowLayer(const RecipeHash& recipe) override {
    return admin_.ShowLayer(recipe);
  }
  absl::StatusOr<std::uint32_t> EvictLayer(const RecipeHash& recipe) override {
    return admin_.EvictLayer(recipe);
  }
  absl::StatusOr<client::SuspendedList> ListSuspended() override { return admin_.ListSuspended(); }
  absl::StatusOr<std::uint32_t> ServeUnit(const UnitKey& key) override {
    return admin_.ServeUnit(key);
  }
  absl::StatusOr<client::Explanation> Explain(const RecipeTrace& trace,
                                              const std::optional<RecipeHash>& against,
                                              const std::optional<RecipeHash>& except) override {
    return admin_.Explain(trace, against, except);
  }

 private:
  FakeAdmin& admin_;
};

}  // namespace depcache::testing
