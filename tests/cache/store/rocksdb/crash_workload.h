// What the process that is killed writes, and what must be there afterwards.
// Both sides compute it from a commit's number.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store/catalog.h"
#include "tests/conformance/test_blobs.h"

namespace depcache::testing {

// Said on the pipe, in this order, about a commit.
enum class CrashEvent : std::uint32_t {
  kCommitted = 1,  // the commit was answered with OK
  kErasing = 2,    // from now on its layer and its blobs may be gone
};
struct CrashReport {
  CrashEvent event = CrashEvent::kCommitted;
  std::uint32_t commit = 0;
};

inline ScopeKey CrashScope() { return ScopeKeyOf("team", "main"); }

// Up to five blobs of its own and one that it shares with its neighbour.
inline std::vector<TestBlob> BlobsOfCommit(std::uint32_t commit) {
  std::vector<TestBlob> blobs;
  const std::uint32_t own = 1 + commit % 5;
  for (std::uint32_t part = 0; part < own; ++part) {
    const std::uint64_t seed = commit * 100ULL + part;
    blobs.push_back(MakeRandomBlob(100 + seed * 7919 % 50'000, seed));
  }
  blobs.push_back(MakeRandomBlob(5000, 1'000'000ULL + commit / 2));
  return blobs;
}

inline CommitBatch BatchOfCommit(std::uint32_t commit) {
  CommitBatch batch;
  batch.scope = CrashScope();
  const std::vector<TestBlob> blobs = BlobsOfCommit(commit);
  batch.refs = HashesOf(blobs);
  batch.layer = LayerRecord{};
  batch.layer->recipe = HashAs<RecipeHash>("commit " + std::to_string(commit));
  batch.layer->variant = VariantOf({});
  for (const TestBlob& blob : blobs) batch.layer->index.push_back(blob.digest);
  batch.layer->created = commit;
  UnitEntry unit;
  unit.ref.key = HashAs<UnitKey>("unit " + std::to_string(commit));
  unit.record = blobs[0].digest;
  unit.created = commit;
  batch.units = {unit};
  return batch;
}

}  // namespace depcache::testing
