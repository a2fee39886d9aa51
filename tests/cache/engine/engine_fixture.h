// A LayerCache on a memory store with a clock of the test's own.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "cache/base/compress.h"
#include "cache/base/log.h"
#include "cache/engine/layer_cache.h"
#include "tests/support/fake_clock.h"
#include "tests/support/layer_builder.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {

inline LayerCache::Options SmallCacheOptions() {
  LayerCache::Options options;
  options.max_stored_bytes = 8 << 20;
  options.generations = 8;  // so each is full at 1 MiB
  options.ticket_ttl = std::chrono::seconds(100);
  options.pending_ttl = std::chrono::seconds(1000);
  return options;
}

inline RecipeHash RecipeOf(std::uint64_t seed) { return HashAs<RecipeHash>(std::to_string(seed)); }

class EngineFixture : public ::testing::Test {
 protected:
  explicit EngineFixture(LayerCache::Options options = SmallCacheOptions())
      : EngineFixture(MakeMemoryStore(), options) {}
  EngineFixture(OpenedStore store, LayerCache::Options options)
      : store_(std::move(store)), cache_(store_, clock_, options) {
    SetLogLevel(LogLevel::kOff);
  }
  ~EngineFixture() override { SetLogLevel(LogLevel::kInfo); }

  FakeClock& clock() { return clock_; }
  LayerCache& cache() { return cache_; }
  BlobStore& blobs() { return *store_.blobs; }
  Catalog& catalog() { return *store_.catalog; }

  // A caller who reads and writes this scope, and reads `others` after it.
  static CallScope Scope(const std::string& name = "main", std::vector<std::string> others = {}) {
    Caller caller{"ann", "", {name}, {name}};
    caller.readable.insert(caller.readable.end(), others.begin(), others.end());
    auto scope = ResolveScope(caller, "", name);
    EXPECT_THAT(scope, IsOk());
    return scope.value_or(CallScope{});
  }
  static CallScope Reader(const std::string& name = "main") {
    auto scope = ResolveScope(Caller{"guest", "", {name}, {}}, "", name);
    EXPECT_THAT(scope, IsOk());
    return scope.value_or(CallScope{});
  }

  absl::Status Put(const CallScope& scope, const std::vector<std::string>& plains) {
    std::vector<std::string> frames;
    std::vector<NewBlob> written;
    for (const std::string& plain : plains) frames.push_back(CompressFrame(plain));
    for (std::size_t i = 0; i < plains.size(); ++i) {
      written.push_back(NewBlob{DigestOf(plains[i]), frames[i]});
    }
    return cache_.WriteBlobs(scope, written);
  }
  absl::Status PutBlobs(const CallScope& scope, const BuiltLayer& layer) {
    std::vector<std::string> plains;
    for (const auto& [hash, plain] : layer.blobs) plains.push_back(plain);
    return Put(scope, plains);
  }
  absl::StatusOr<CommitUnitsResult> CommitUnits(const CallScope& scope, const BuiltLayer& layer) {
    std::vector<UnitCommit> units;
    for (const BuiltUnit& unit : layer.units) units.push_back(UnitCommit{unit.ref, unit.record});
    return cache_.CommitUnits(scope, units, layer.packages);
  }
  absl::StatusOr<CommitLayerResult> CommitLayer(const CallScope& scope, const RecipeHash& recipe,
                                                const BuiltLayer& layer) {
    const std::vector<NamedValue> parts = {{"lock", "text"}};
    return cache_.CommitLayer(scope, recipe, parts, layer.index);
  }
  // All steps of a client.
  void Store(const CallScope& scope, const RecipeHash& recipe, const BuiltLayer& layer) {
    ASSERT_THAT(PutBlobs(scope, layer), IsOk());
    const auto units = CommitUnits(scope, layer);
    ASSERT_THAT(units, IsOk());
    ASSERT_TRUE(units->missing.empty());
    const auto committed = CommitLayer(scope, recipe, layer);
    ASSERT_THAT(committed, IsOk());
    ASSERT_TRUE(committed->missing.empty());
  }

  // What the caller gets for each hash, expanded.
  std::vector<absl::StatusOr<std::string>> Read(const CallScope& scope, std::string_view ticket,
                                                const std::vector<BlobHash>& hashes) {
    std::vector<absl::StatusOr<std::string>> all;
    cache_.OpenReader(scope, ticket)->Read(hashes, [&](std::size_t, absl::StatusOr<Frame> frame) {
      all.push_back(frame.ok() ? DecompressFrame(frame->bytes, kMaxBlobBytes) : frame.status());
      return true;
    });
    return all;
  }
  // True if every blob of the layer is handed out with its own bytes.
  bool ReadsWhole(const CallScope& scope, std::string_view ticket, const BuiltLayer& layer) {
    const auto all = Read(scope, ticket, layer.Hashes());
    std::size_t i = 0;
    for (const auto& [hash, plain] : layer.blobs) {
      if (i >= all.size() || !all[i].ok() || *all[i] != plain) return false;
      ++i;
    }
    return true;
  }
  std::size_t CountMissing(const CallScope& scope, const BuiltLayer& layer) {
    const auto missing = cache_.FindMissing(scope, layer.Hashes());
    EXPECT_THAT(missing, IsOk());
    return missing.ok() ? missing->size() : 0;
  }

 private:
  FakeClock clock_;
  OpenedStore store_;
  LayerCache cache_;
};

}  // namespace depcache::testing
