// Figures, lists, eviction by hand, and which layer is like a recipe.

#include <map>

#include <gtest/gtest.h>

#include "tests/cache/engine/engine_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

class AdminTest : public EngineFixture {
 protected:
  static CallScope Admin(const std::string& name = "main") {
    CallScope scope = Reader(name);
    scope.is_admin = true;
    return scope;
  }
  std::uint64_t Get(Count which) { return cache().counters().Get(which); }

  // A layer whose recipe has these parts.
  void StoreWith(const RecipeHash& recipe, const std::vector<NamedValue>& parts,
                 const std::string& scope = "main") {
    const BuiltLayer layer = SmallLayer(++seed_);
    ASSERT_THAT(PutBlobs(Scope(scope), layer), IsOk());
    ASSERT_THAT(CommitUnits(Scope(scope), layer), IsOk());
    const auto result = cache().CommitLayer(Scope(scope), recipe, parts, layer.index);
    ASSERT_THAT(result, IsOk());
    ASSERT_TRUE(result->missing.empty());
  }
  static std::map<std::string, PartDigest> TraceOf(const std::vector<NamedValue>& parts) {
    std::map<std::string, PartDigest> trace;
    for (const NamedValue& part : parts) trace[part.name] = HashAs<PartDigest>(part.value);
    return trace;
  }

 private:
  std::uint64_t seed_ = 100;
};

TEST_F(AdminTest, HitsAndMissesAreCounted) {
  Store(Scope(), RecipeOf(1), SmallLayer(1));
  EXPECT_THAT(cache().FindLayer(Reader(), RecipeOf(1)), IsOk());
  EXPECT_THAT(cache().FindLayer(Reader(), RecipeOf(1)), IsOk());
  EXPECT_THAT(cache().FindLayer(Reader(), RecipeOf(2)), StatusIs(kNotFound));
  EXPECT_EQ(Get(Count::kHits), 2);
  EXPECT_EQ(Get(Count::kMisses), 1);
  EXPECT_EQ(Get(Count::kPartialHits), 0);
}

TEST_F(AdminTest, BytesAreCountedAsFrames) {
  const std::string plain = RandomPlain(5000, 7);
  ASSERT_THAT(Put(Scope(), {plain}), IsOk());
  EXPECT_EQ(Get(Count::kBytesReceived), CompressFrame(plain).size());
  EXPECT_EQ(Get(Count::kBytesServed), 0);
  ASSERT_THAT(Read(Scope(), "", {DigestOf(plain).hash})[0], IsOk());
  EXPECT_THAT(Read(Scope("pr/1"), "", {DigestOf(plain).hash})[0], StatusIs(kNotFound));
  EXPECT_EQ(Get(Count::kBytesServed), CompressFrame(plain).size());
}

TEST_F(AdminTest, CompileTimeIsSavedWhenALayerIsReadAndOncePerLookUp) {
  const BuiltLayer layer = SmallLayer(1);
  Store(Scope(), RecipeOf(1), layer);
  auto found = cache().FindLayer(Reader(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(Get(Count::kCompileMsSaved), 0) << "found, not read";
  EXPECT_TRUE(ReadsWhole(Reader(), found->ticket, layer));
  EXPECT_EQ(Get(Count::kCompileMsSaved), 200);
  EXPECT_TRUE(ReadsWhole(Reader(), found->ticket, layer));
  EXPECT_EQ(Get(Count::kCompileMsSaved), 200) << "the same look-up";
  EXPECT_TRUE(ReadsWhole(Reader(), "", layer));
  EXPECT_EQ(Get(Count::kCompileMsSaved), 200) << "bytes without a look-up";
  found = cache().FindLayer(Reader(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  EXPECT_TRUE(ReadsWhole(Reader(), found->ticket, layer));
  EXPECT_EQ(Get(Count::kCompileMsSaved), 400);
}

TEST_F(AdminTest, FiguresAreForAdmins) {
  Store(Scope(), RecipeOf(1), SmallLayer(1));
  Store(Scope("pr/1"), RecipeOf(1), SmallLayer(2));
  clock().Advance(std::chrono::seconds(90));
  EXPECT_THAT(cache().Stats(Scope()), StatusIs(kDenied));
  const auto stats = cache().Stats(Admin());
  ASSERT_THAT(stats, IsOk());
  EXPECT_EQ(stats->entries, (CatalogCounts{2, 4}));
  EXPECT_EQ(stats->stored_bytes, cache().stored_bytes());
  EXPECT_EQ(stats->max_stored_bytes, SmallCacheOptions().max_stored_bytes);
  EXPECT_EQ(stats->uptime, std::chrono::seconds(90));
}

TEST_F(AdminTest, WhatIsEvictedIsCounted) {
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    ASSERT_THAT(Put(Scope(), {RandomPlain(1 << 20, seed)}), IsOk());
    ASSERT_THAT(cache().Maintain(), IsOk());
  }
  EXPECT_GT(Get(Count::kEvictedGenerations), 0);
  EXPECT_EQ(Get(Count::kEvictedBytes) + cache().stored_bytes(), Get(Count::kBytesReceived));
}

TEST_F(AdminTest, PagesHoldEveryLayerOnceAndNeverCutARecipe) {
  std::map<RecipeHash, int> stored;
  for (std::uint64_t seed = 1; seed <= 7; ++seed) {
    Store(Scope(), RecipeOf(seed), SmallLayer(seed));
    stored[RecipeOf(seed)] = 1;
  }
  LayerBuilder variant;
  variant.AddUnit("v", "bytes", {}, {Predicate{PredicateKind::kEnv, "CC", std::nullopt}});
  Store(Scope(), RecipeOf(3), variant.Build());
  stored[RecipeOf(3)] = 2;
  Store(Scope("pr/1"), RecipeOf(9), SmallLayer(9));
  for (const std::size_t page_size : {1U, 2U, 3U, 100U}) {
    std::map<RecipeHash, int> listed;
    std::optional<RecipeHash> after;
    do {
      const auto page = cache().ListLayers(Admin(), after, page_size);
      ASSERT_THAT(page, IsOk());
      ASSERT_LE(page->layers.size(), page_size + 1);
      for (const LayerRecord& layer : page->layers) ++listed[layer.recipe];
      after = page->next;
    } while (after);
    EXPECT_EQ(listed, stored) << page_size;
  }
  EXPECT_THAT(cache().ListLayers(Scope(), std::nullopt, 10), StatusIs(kDenied));
}

TEST_F(AdminTest, AnEvictedRecipeIsAMissAndItsUnitsStay) {
  const BuiltLayer layer = SmallLayer(1);
  Store(Scope(), RecipeOf(1), layer);
  Store(Scope("pr/1"), RecipeOf(1), layer);
  Store(Scope(), RecipeOf(2), SmallLayer(2));
  const auto found = cache().FindLayer(Reader(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(cache().EvictLayers(Scope(), RecipeOf(1)), StatusIs(kDenied));
  EXPECT_THAT(cache().EvictLayers(Admin(), RecipeOf(1)), IsOkAndHolds(1));
  EXPECT_THAT(cache().EvictLayers(Admin(), RecipeOf(1)), IsOkAndHolds(0));
  EXPECT_THAT(cache().FindLayer(Reader(), RecipeOf(1)), StatusIs(kNotFound));
  EXPECT_THAT(cache().FindLayer(Reader("pr/1"), RecipeOf(1)), IsOk());
  EXPECT_THAT(cache().FindLayer(Reader(), RecipeOf(2)), IsOk());
  EXPECT_TRUE(ReadsWhole(Reader(), found->ticket, layer)) << "a restore under way";
  const std::vector<UnitKey> keys = {layer.units[0].ref.key};
  EXPECT_THAT(catalog().FindUnits(Reader().keys[0], keys), IsOkAndHolds(ElementsAre(SizeIs(1))));
}

TEST_F(AdminTest, TheNearestLayerHasTheMostEqualParts) {
  const std::vector<NamedValue> ours = {{"lock", "a"}, {"profile", "dev"}, {"rustc", "1.95"}};
  StoreWith(RecipeOf(1), {{"lock", "b"}, {"profile", "release"}, {"rustc", "1.95"}});
  StoreWith(RecipeOf(2), {{"lock", "a"}, {"profile", "release"}, {"rustc", "1.95"}});
  StoreWith(RecipeOf(3), {{"lock", "b"}, {"profile", "x"}, {"rustc", "1.94"}, {"more", "y"}});
  const auto nearest = cache().FindNearest(Reader(), TraceOf(ours), std::nullopt);
  ASSERT_THAT(nearest, IsOk());
  EXPECT_EQ(nearest->layer.recipe, RecipeOf(2));
  EXPECT_EQ(nearest->equal_parts, 2);
  EXPECT_EQ(nearest->scope, "main");
  EXPECT_EQ(nearest->looked_at, 3);
  EXPECT_TRUE(nearest->looked_at_all);
  const auto other = cache().FindNearest(Reader(), TraceOf(ours), RecipeOf(2));
  ASSERT_THAT(other, IsOk());
  EXPECT_EQ(other->layer.recipe, RecipeOf(1));
}

TEST_F(AdminTest, OfEquallyNearLayersTheNewestIsTaken) {
  const std::vector<NamedValue> parts = {{"lock", "a"}};
  for (const std::uint64_t seed : {4U, 5U, 6U}) {
    clock().Advance(std::chrono::seconds(10));
    StoreWith(RecipeOf(seed), {{"lock", "a"}, {"profile", std::to_string(seed)}});
  }
  const auto nearest = cache().FindNearest(Reader(), TraceOf(parts), std::nullopt);
  ASSERT_THAT(nearest, IsOk());
  EXPECT_EQ(nearest->layer.recipe, RecipeOf(6));
}

TEST_F(AdminTest, RecipesOfAnotherKindAreNotCompared) {
  StoreWith(RecipeOf(1), {{"kind", "go"}, {"lock", "a"}});
  EXPECT_THAT(cache().FindNearest(Reader(), TraceOf({{"lock", "a"}}), std::nullopt),
              StatusIs(kNotFound));
  EXPECT_THAT(cache().FindNearest(Reader(), TraceOf({{"kind", "go"}}), std::nullopt), IsOk());
  StoreWith(RecipeOf(2), {{"lock", "b"}});
  const auto nearest = cache().FindNearest(Reader(), TraceOf({{"lock", "a"}}), std::nullopt);
  ASSERT_THAT(nearest, IsOk());
  EXPECT_EQ(nearest->layer.recipe, RecipeOf(2));
}

TEST_F(AdminTest, OnlyScopesTheCallerReadsAreCompared) {
  StoreWith(RecipeOf(1), {{"lock", "a"}}, "secret");
  EXPECT_THAT(cache().FindNearest(Reader(), {}, std::nullopt), StatusIs(kNotFound));
  EXPECT_THAT(cache().DescribeLayers(Reader(), RecipeOf(1)), StatusIs(kNotFound));
  EXPECT_THAT(cache().FindNearest(Scope("main", {"secret"}), {}, std::nullopt), IsOk());
  EXPECT_THAT(cache().DescribeLayers(Scope("main", {"secret"}), RecipeOf(1)), IsOk());
}

TEST_F(AdminTest, ValuesOfPartsAreKeptWithTheLayer) {
  StoreWith(RecipeOf(1), {{"lock", "its text"}, {"profile", ""}});
  const auto layers = cache().DescribeLayers(Reader(), RecipeOf(1));
  ASSERT_THAT(layers, IsOk());
  std::vector<TracePart> trace = layers->at(0).trace;
  trace.push_back(TracePart{"huge", HashAs<PartDigest>("?"), Digest{}});
  trace.push_back(TracePart{"gone", HashAs<PartDigest>("?"), DigestOf("never written")});
  EXPECT_THAT(cache().ReadValues(trace), ElementsAre("its text", "", std::nullopt, std::nullopt));
}

}  // namespace
}  // namespace depcache::testing
