// Upkeep: generations fill, turn over and are evicted; what is wanted stays.

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/cache/engine/engine_fixture.h"

namespace depcache::testing {
namespace {

constexpr auto kNotFound = absl::StatusCode::kNotFound;

class MaintainTest : public EngineFixture {
 protected:
  // A layer of about a generation, and the upkeep that follows.
  void StoreAndMaintain(std::uint64_t seed) {
    Store(Scope(), RecipeOf(seed), SmallLayer(seed, 600'000));
    ASSERT_THAT(cache().Maintain(), IsOk());
  }
  bool IsFound(std::uint64_t seed) {
    const auto found = cache().FindLayer(Scope(), RecipeOf(seed));
    EXPECT_TRUE(found.ok() || found.status().code() == kNotFound);
    return found.ok() && ReadsWhole(Scope(), found->ticket, SmallLayer(seed, 600'000));
  }
};

TEST_F(MaintainTest, AFullGenerationIsFollowedByANewOne) {
  EXPECT_EQ(blobs().Generations().size(), 1);
  ASSERT_THAT(cache().Maintain(), IsOk());
  EXPECT_EQ(blobs().Generations().size(), 1) << "it is empty";
  StoreAndMaintain(1);
  EXPECT_EQ(blobs().Generations().size(), 2);
  ASSERT_THAT(cache().Maintain(), IsOk());
  EXPECT_EQ(blobs().Generations().size(), 2) << "the new one is empty";
}

TEST_F(MaintainTest, StoredBytesStayBelowTheLimit) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    StoreAndMaintain(seed);
    EXPECT_LE(cache().stored_bytes(), 8U << 20);
  }
  EXPECT_GT(cache().stored_bytes(), 6U << 20) << "no more than needed is evicted";
  EXPECT_TRUE(IsFound(20));
  EXPECT_TRUE(IsFound(17));
  EXPECT_FALSE(IsFound(1));
  EXPECT_FALSE(IsFound(10));
}

TEST_F(MaintainTest, WhatIsFoundAgainAndAgainStays) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    StoreAndMaintain(seed);
    ASSERT_TRUE(IsFound(1)) << "after " << seed;
  }
  EXPECT_FALSE(IsFound(2));
}

TEST_F(MaintainTest, WhatAWriterAskedForStays) {
  const BuiltLayer wanted = SmallLayer(1, 600'000);
  StoreAndMaintain(1);
  for (std::uint64_t seed = 2; seed <= 30; ++seed) {
    ASSERT_EQ(CountMissing(Scope(), wanted), 0) << "before " << seed;
    StoreAndMaintain(seed);
  }
}

TEST_F(MaintainTest, UnitsOfANewerLayerStay) {
  LayerBuilder old_layer;
  const UnitRef shared = old_layer.AddUnit("shared", RandomPlain(900'000, 1000));
  Store(Scope(), RecipeOf(1000), old_layer.Build());
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    LayerBuilder next;
    next.AddUnit("shared", RandomPlain(900'000, 1000));
    next.AddUnit("top", RandomPlain(700'000, seed), {shared});
    const BuiltLayer layer = next.Build();
    // As a client: only what is missing is sent.
    BuiltLayer sent = layer;
    const auto missing = cache().FindMissing(Scope(), layer.Hashes());
    ASSERT_THAT(missing, IsOk());
    sent.blobs.clear();
    for (const std::uint32_t at : *missing) {
      sent.blobs.insert(*layer.blobs.find(layer.Hashes()[at]));
    }
    ASSERT_FALSE(sent.blobs.contains(DigestOf(RandomPlain(900'000, 1000)).hash));
    ASSERT_THAT(PutBlobs(Scope(), sent), IsOk());
    const auto committed = CommitLayer(Scope(), RecipeOf(seed), layer);
    ASSERT_THAT(committed, IsOk());
    ASSERT_TRUE(committed->missing.empty());
    ASSERT_THAT(cache().Maintain(), IsOk());
  }
}

TEST_F(MaintainTest, TheNewestGenerationIsNeverDropped) {
  Store(Scope(), RecipeOf(1), SmallLayer(1, 5'000'000));  // above the limit on its own
  EXPECT_GT(cache().stored_bytes(), 8U << 20);
  ASSERT_THAT(cache().Maintain(), IsOk());
  EXPECT_EQ(blobs().Generations().size(), 1);
  EXPECT_EQ(cache().stored_bytes(), 0) << "it was full, so a new one took its place";
  EXPECT_THAT(cache().FindLayer(Scope(), RecipeOf(1)), StatusIs(kNotFound));
}

TEST_F(MaintainTest, ATicketOutlivesTheEvictionOfItsLayer) {
  StoreAndMaintain(1);
  const auto found = cache().FindLayer(Scope(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  // The look-up touched nothing old yet, so ten further generations evict it.
  for (std::uint64_t seed = 2; seed <= 20; ++seed) StoreAndMaintain(seed);
  EXPECT_FALSE(IsFound(1));
  EXPECT_TRUE(ReadsWhole(Scope(), found->ticket, SmallLayer(1, 600'000)));
}

TEST_F(MaintainTest, WhatIsFoundIsWholeWhateverHappensMeanwhile) {
  constexpr std::uint64_t kLayers = 6;
  std::atomic<int> writers = 2;
  std::atomic<int> reads = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 20; ++i) {
        const std::uint64_t seed = (i * 2 + t) % kLayers;
        const BuiltLayer layer = SmallLayer(seed, 400'000);
        EXPECT_THAT(PutBlobs(Scope(), layer), IsOk());
        // Eviction may take some of it at any moment: then it is listed.
        EXPECT_THAT(CommitUnits(Scope(), layer), IsOk());
        EXPECT_THAT(CommitLayer(Scope(), RecipeOf(seed), layer), IsOk());
        // Bytes of no layer, which push the others out.
        EXPECT_THAT(Put(Scope(), {RandomPlain(900'000, 1000 * i + t)}), IsOk());
      }
      --writers;
    });
  }
  threads.emplace_back([&] {
    while (writers > 0) EXPECT_THAT(cache().Maintain(), IsOk());
  });
  threads.emplace_back([&] {
    for (std::uint64_t i = 0; writers > 0 || reads == 0; ++i) {
      const std::uint64_t seed = i % kLayers;
      const auto found = cache().FindLayer(Scope(), RecipeOf(seed));
      if (!found.ok()) {
        EXPECT_THAT(found, StatusIs(kNotFound));
        if (writers == 0 && i > 10 * kLayers) break;
        continue;
      }
      EXPECT_TRUE(ReadsWhole(Scope(), found->ticket, SmallLayer(seed, 400'000)));
      ++reads;
    }
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(reads, 0);
}

}  // namespace
}  // namespace depcache::testing
