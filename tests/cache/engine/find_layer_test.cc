// Look-ups: scopes, whole layers only, tickets.

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/cache/engine/engine_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

class FindLayerTest : public EngineFixture {};

TEST_F(FindLayerTest, AScopeIsResolvedOnceForACall) {
  const Caller caller{"ci", "team", {"main", "pr/*"}, {"pr/*"}};
  const auto scope = ResolveScope(caller, "team", "pr/1");
  ASSERT_THAT(scope, IsOk());
  EXPECT_THAT(scope->names, ElementsAre("pr/1", "main"));
  EXPECT_THAT(scope->keys, ElementsAre(ScopeKeyOf("team", "pr/1"), ScopeKeyOf("team", "main")));
  EXPECT_TRUE(scope->can_write);
  const auto main = ResolveScope(caller, "team", "");
  ASSERT_THAT(main, IsOk());
  EXPECT_EQ(main->names[0], "main") << "an empty scope is main";
  EXPECT_FALSE(main->can_write);
}

TEST_F(FindLayerTest, AnotherInstanceIsRefused) {
  const Caller caller{"ci", "team", {"main"}, {"main"}};
  for (const char* instance : {"", "tea", "team2"}) {
    EXPECT_THAT(ResolveScope(caller, instance, "main"), StatusIs(kDenied));
  }
  EXPECT_THAT(ResolveScope(caller, std::string(1 << 20, 'x'), "main"), StatusIs(kDenied));
  EXPECT_THAT(ResolveScope(caller, "team", "a//b"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(FindLayerTest, WhatWasStoredIsFoundAndRead) {
  const BuiltLayer layer = SmallLayer(1);
  Store(Scope(), RecipeOf(1), layer);
  const auto found = cache().FindLayer(Reader(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->variants.size(), 1);
  EXPECT_EQ(found->scope, "main");
  EXPECT_EQ(found->variants[0].index, layer.index);
  EXPECT_EQ(found->variants[0].unit_count, 2);
  EXPECT_EQ(found->variants[0].plain_bytes, 6000);
  EXPECT_EQ(found->variants[0].compile_ms, 200);
  EXPECT_EQ(found->variants[0].principal, "ann");
  EXPECT_EQ(found->variants[0].created, UnixSeconds(clock().Now()));
  EXPECT_TRUE(ReadsWhole(Reader(), found->ticket, layer));
  EXPECT_THAT(cache().FindLayer(Reader(), RecipeOf(2)), StatusIs(kNotFound));
}

TEST_F(FindLayerTest, ScopesAreLookedThroughInOrder) {
  const BuiltLayer of_main = SmallLayer(1);
  const BuiltLayer of_pr = SmallLayer(2);
  Store(Scope("main"), RecipeOf(1), of_main);
  const CallScope pr = Scope("pr/1", {"release", "main"});
  auto found = cache().FindLayer(pr, RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->scope, "main");
  EXPECT_TRUE(ReadsWhole(pr, "", of_main)) << "main is readable from pr/1 without a ticket too";
  Store(pr, RecipeOf(1), of_pr);
  found = cache().FindLayer(pr, RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->scope, "pr/1");
  EXPECT_EQ(found->variants[0].index, of_pr.index);
  found = cache().FindLayer(Scope("main"), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->variants[0].index, of_main.index) << "what a pull request wrote is in main";
  EXPECT_THAT(cache().FindLayer(Scope("dev/ann"), RecipeOf(1)), StatusIs(kNotFound));
}

// The predicates of a part hold wherever those of the whole do.
TEST_F(FindLayerTest, AWholeLayerComesBeforeAnOlderPartOfIt) {
  const Predicate declared{PredicateKind::kEnv, "CC",
                           PredicateValue(PredicateKind::kEnv, "CC", "gcc")};
  LayerBuilder part;
  part.AddUnit("a", "rlib a");
  LayerBuilder whole;
  const UnitRef a = whole.AddUnit("a", "rlib a");
  whole.AddUnit("b", "rlib b", {a}, {declared});
  Store(Scope(), RecipeOf(1), part.Build());
  clock().Advance(std::chrono::seconds(1));
  Store(Scope(), RecipeOf(1), whole.Build());
  const auto found = cache().FindLayer(Scope(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->variants.size(), 2);
  EXPECT_EQ(found->variants[0].unit_count, 2);
  EXPECT_EQ(found->variants[1].unit_count, 1);
}

TEST_F(FindLayerTest, VariantsOfEqualSizeComeOldestFirst) {
  const auto with = [](const char* value) {
    LayerBuilder builder;
    builder.AddUnit(
        "u", value, {},
        {{PredicateKind::kEnv, "CC", PredicateValue(PredicateKind::kEnv, "CC", value)}});
    return builder.Build();
  };
  for (const char* value : {"gcc", "clang", "cc"}) {
    Store(Scope(), RecipeOf(1), with(value));
    clock().Advance(std::chrono::seconds(1));
  }
  const auto found = cache().FindLayer(Scope(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  std::vector<std::vector<Digest>> indexes;
  for (const LayerRecord& layer : found->variants) indexes.push_back(layer.index);
  EXPECT_THAT(indexes, ElementsAre(with("gcc").index, with("clang").index, with("cc").index));
}

TEST_F(FindLayerTest, ALayerWithAHoleIsForgotten) {
  const BuiltLayer layer = SmallLayer(1);
  Store(Scope(), RecipeOf(1), layer);
  ASSERT_THAT(cache().FindLayer(Scope(), RecipeOf(1)), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  // All but one file survives.
  std::vector<BlobHash> kept = layer.Hashes();
  kept.pop_back();
  ASSERT_THAT(blobs().CopyForward(kept), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  EXPECT_THAT(cache().FindLayer(Scope(), RecipeOf(1)), StatusIs(kNotFound));
  EXPECT_THAT(catalog().FindLayers(ScopeKeyOf("", "main"), RecipeOf(1)), IsOkAndHolds(IsEmpty()));
}

TEST_F(FindLayerTest, AHoleInOneVariantLeavesTheOther) {
  LayerBuilder other;
  other.AddUnit("u", RandomPlain(500, 9), {}, {{PredicateKind::kEnv, "CC", std::nullopt}});
  const BuiltLayer with_hole = SmallLayer(1);
  Store(Scope(), RecipeOf(1), with_hole);
  ASSERT_THAT(blobs().Rotate(), IsOk());
  Store(Scope(), RecipeOf(1), other.Build());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  const auto found = cache().FindLayer(Scope(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->variants.size(), 1);
  EXPECT_EQ(found->variants[0].index, other.Build().index);
}

TEST_F(FindLayerTest, AHoleInTheFirstScopeLeavesTheNext) {
  const CallScope pr = Scope("pr/1", {"main"});
  Store(pr, RecipeOf(1), SmallLayer(1));
  ASSERT_THAT(blobs().Rotate(), IsOk());
  Store(Scope("main"), RecipeOf(1), SmallLayer(2));
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  const auto found = cache().FindLayer(pr, RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->scope, "main");
}

TEST_F(FindLayerTest, ATicketKeepsBytesThatWereDropped) {
  const BuiltLayer layer = SmallLayer(1);
  Store(Scope(), RecipeOf(1), layer);
  const auto found = cache().FindLayer(Scope(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  EXPECT_FALSE(ReadsWhole(Scope(), "", layer));
  EXPECT_TRUE(ReadsWhole(Scope(), found->ticket, layer));
  clock().Advance(std::chrono::seconds(100));
  EXPECT_FALSE(ReadsWhole(Scope(), found->ticket, layer)) << "the ticket has ended";
}

TEST_F(FindLayerTest, ATicketIsForItsLayersOnly) {
  const BuiltLayer layer = SmallLayer(1);
  const BuiltLayer secret = SmallLayer(2);
  Store(Scope("main"), RecipeOf(1), layer);
  Store(Scope("secret"), RecipeOf(2), secret);
  const auto found = cache().FindLayer(Reader("main"), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  for (const auto& outcome : Read(Reader("main"), found->ticket, secret.Hashes())) {
    EXPECT_THAT(outcome, StatusIs(kNotFound));
  }
}

TEST_F(FindLayerTest, PackagesAreFoundByChecksum) {
  const BuiltLayer layer = SmallLayer(1);
  Store(Scope("main"), RecipeOf(1), layer);
  const std::vector<PartDigest> checksums = {HashAs<PartDigest>("unknown"),
                                             HashAs<PartDigest>("crate of u1")};
  EXPECT_THAT(cache().FindPackages(Scope("main"), checksums),
              IsOkAndHolds(ElementsAre(std::nullopt, layer.packages[0])));
  EXPECT_THAT(cache().FindPackages(Scope("pr/1", {"main"}), checksums),
              IsOkAndHolds(ElementsAre(std::nullopt, layer.packages[0])));
  EXPECT_THAT(cache().FindPackages(Scope("other"), checksums),
              IsOkAndHolds(ElementsAre(std::nullopt, std::nullopt)));
}

}  // namespace
}  // namespace depcache::testing
