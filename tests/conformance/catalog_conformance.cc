#include <algorithm>
#include <string>

#include "tests/conformance/store_conformance.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ScopeKey kMain = ScopeKeyOf("team", "main");
const ScopeKey kOther = ScopeKeyOf("team", "pr/7");

template <typename Id>
Id IdOf(int number) {
  return HashAs<Id>("id " + std::to_string(number));
}

LayerRecord MakeLayer(int recipe, int variant, std::int64_t created) {
  LayerRecord layer;
  layer.recipe = IdOf<RecipeHash>(recipe);
  layer.predicates = {Predicate{PredicateKind::kEnv, "CC", std::nullopt},
                      Predicate{PredicateKind::kFile,
                                "\x01"
                                "c\x02/x",
                                IdOf<PartDigest>(variant)}};
  layer.variant = VariantOf(layer.predicates);
  layer.index = {DigestOf("index 1"), DigestOf("index 2")};
  layer.trace = {TracePart{"lock", IdOf<PartDigest>(1), DigestOf("lock text")},
                 TracePart{"toolchain.rustc", IdOf<PartDigest>(2), Digest{}}};
  layer.principal = "ci";
  layer.created = created;
  layer.unit_count = 313;
  layer.plain_bytes = 943'000'000;
  layer.compile_ms = 200'000;
  return layer;
}

UnitEntry MakeUnit(int key, int output, std::int64_t created) {
  UnitEntry unit;
  unit.ref = UnitRef{IdOf<UnitKey>(key), IdOf<OutputDigest>(output)};
  unit.record = DigestOf("record " + std::to_string(output));
  unit.predicates = {Predicate{PredicateKind::kEnv, "TARGET_CPU", IdOf<PartDigest>(9)}};
  unit.principal = "laptop";
  unit.created = created;
  return unit;
}

CommitBatch BatchOf(const LayerRecord& layer) {
  CommitBatch batch;
  batch.scope = kMain;
  batch.layer = layer;
  return batch;
}

CommitBatch BatchOf(std::vector<UnitEntry> units) {
  CommitBatch batch;
  batch.scope = kMain;
  batch.units = std::move(units);
  return batch;
}

TEST_P(CatalogConformance, EmptyCatalogFindsNothing) {
  EXPECT_THAT(catalog().FindLayers(kMain, IdOf<RecipeHash>(1)), IsOkAndHolds(IsEmpty()));
  const UnitKey key = IdOf<UnitKey>(1);
  EXPECT_THAT(catalog().FindUnits(kMain, {&key, 1}), IsOkAndHolds(ElementsAre(IsEmpty())));
  const PartDigest checksum = IdOf<PartDigest>(1);
  EXPECT_THAT(catalog().FindPackages(kMain, {&checksum, 1}),
              IsOkAndHolds(ElementsAre(std::nullopt)));
  const BlobHash hash = IdOf<BlobHash>(1);
  EXPECT_THAT(catalog().FindRefs(kMain, {&hash, 1}), IsOkAndHolds(ElementsAre(false)));
}

TEST_P(CatalogConformance, CountsEntriesOfAllScopes) {
  EXPECT_THAT(catalog().Count(), IsOkAndHolds(CatalogCounts{0, 0}));
  ASSERT_THAT(catalog().Commit(BatchOf(MakeLayer(1, 1, 100))), IsOk());
  ASSERT_THAT(catalog().Commit(BatchOf(MakeLayer(1, 2, 100))), IsOk());
  ASSERT_THAT(catalog().Commit(BatchOf(MakeLayer(1, 2, 100))), IsOk());
  CommitBatch other = BatchOf({MakeUnit(1, 1, 100), MakeUnit(1, 2, 100), MakeUnit(2, 3, 100)});
  ASSERT_THAT(catalog().Commit(other), IsOk());
  other.scope = kOther;
  ASSERT_THAT(catalog().Commit(other), IsOk());
  EXPECT_THAT(catalog().Count(), IsOkAndHolds(CatalogCounts{2, 6}));
  ASSERT_THAT(catalog().EraseUnit(kOther, other.units[0].ref), IsOk());
  EXPECT_THAT(catalog().Count(), IsOkAndHolds(CatalogCounts{2, 5}));
}

TEST_P(CatalogConformance, CommittedLayerComesBackWhole) {
  const LayerRecord layer = MakeLayer(1, 1, 100);
  ASSERT_THAT(catalog().Commit(BatchOf(layer)), IsOk());
  EXPECT_THAT(catalog().FindLayers(kMain, layer.recipe), IsOkAndHolds(ElementsAre(layer)));
}

TEST_P(CatalogConformance, LayerOfExtremeValuesComesBackWhole) {
  LayerRecord layer = MakeLayer(1, 1, std::numeric_limits<std::int64_t>::min());
  layer.predicates.clear();
  layer.index.assign(kMaxIndexBlobs, Digest{IdOf<BlobHash>(3), ~std::uint64_t{0}});
  layer.trace.clear();
  layer.principal = std::string(4096, '\0');
  layer.unit_count = ~std::uint32_t{0};
  layer.plain_bytes = ~std::uint64_t{0};
  layer.compile_ms = ~std::uint64_t{0};
  ASSERT_THAT(catalog().Commit(BatchOf(layer)), IsOk());
  EXPECT_THAT(catalog().FindLayers(kMain, layer.recipe), IsOkAndHolds(ElementsAre(layer)));
}

TEST_P(CatalogConformance, VariantsComeOldestFirst) {
  const LayerRecord young = MakeLayer(1, 1, 300), old = MakeLayer(1, 2, 100),
                    middle = MakeLayer(1, 3, 200), stranger = MakeLayer(2, 1, 50);
  for (const LayerRecord& layer : {young, old, middle, stranger}) {
    ASSERT_THAT(catalog().Commit(BatchOf(layer)), IsOk());
  }
  EXPECT_THAT(catalog().FindLayers(kMain, young.recipe),
              IsOkAndHolds(ElementsAre(old, middle, young)));
}

TEST_P(CatalogConformance, VariantsOfOneTimeComeByVariant) {
  std::vector<LayerRecord> layers;
  for (int variant = 0; variant < 5; ++variant) {
    layers.push_back(MakeLayer(1, variant, 100));
    ASSERT_THAT(catalog().Commit(BatchOf(layers.back())), IsOk());
  }
  std::sort(layers.begin(), layers.end(),
            [](const LayerRecord& a, const LayerRecord& b) { return a.variant < b.variant; });
  EXPECT_THAT(catalog().FindLayers(kMain, layers[0].recipe), IsOkAndHolds(layers));
}

TEST_P(CatalogConformance, LastCommitOfALayerStands) {
  const LayerRecord first = MakeLayer(1, 1, 100), sibling = MakeLayer(1, 2, 300);
  LayerRecord second = first;
  second.principal = "somebody else";
  second.created = 200;
  ASSERT_THAT(catalog().Commit(BatchOf(first)), IsOk());
  ASSERT_THAT(catalog().Commit(BatchOf(sibling)), IsOk());
  ASSERT_THAT(catalog().Commit(BatchOf(second)), IsOk());
  EXPECT_THAT(catalog().FindLayers(kMain, first.recipe),
              IsOkAndHolds(ElementsAre(second, sibling)));
}

TEST_P(CatalogConformance, UnitsComeByKeyOldestFirst) {
  const UnitEntry a_young = MakeUnit(1, 1, 300), a_old = MakeUnit(1, 2, 100),
                  b = MakeUnit(2, 3, 200);
  ASSERT_THAT(catalog().Commit(BatchOf({a_young, b, a_old})), IsOk());
  const std::vector<UnitKey> keys = {b.ref.key, IdOf<UnitKey>(99), a_old.ref.key, b.ref.key};
  EXPECT_THAT(catalog().FindUnits(kMain, keys),
              IsOkAndHolds(ElementsAre(ElementsAre(b), IsEmpty(), ElementsAre(a_old, a_young),
                                       ElementsAre(b))));
}

TEST_P(CatalogConformance, LastCommitOfAUnitStands) {
  const UnitEntry first = MakeUnit(1, 1, 100);
  UnitEntry second = first, third = first;
  second.principal = "somebody else";
  third.record = DigestOf("another record");
  ASSERT_THAT(catalog().Commit(BatchOf({first, second})), IsOk());
  EXPECT_THAT(catalog().FindUnits(kMain, {&first.ref.key, 1}),
              IsOkAndHolds(ElementsAre(ElementsAre(second))));
  ASSERT_THAT(catalog().Commit(BatchOf({third})), IsOk());
  EXPECT_THAT(catalog().FindUnits(kMain, {&first.ref.key, 1}),
              IsOkAndHolds(ElementsAre(ElementsAre(third))));
}

TEST_P(CatalogConformance, OneOutputUnderOtherValuesIsAnotherEntry) {
  const UnitEntry first = MakeUnit(1, 1, 100);
  UnitEntry second = first;
  second.created = 200;
  second.predicates[0].value = IdOf<PartDigest>(10);
  UnitEntry sibling = MakeUnit(1, 2, 300);
  ASSERT_THAT(catalog().Commit(BatchOf({second, first, sibling})), IsOk());
  EXPECT_THAT(catalog().FindUnits(kMain, {&first.ref.key, 1}),
              IsOkAndHolds(ElementsAre(ElementsAre(first, second, sibling))));
  ASSERT_THAT(catalog().EraseUnit(kMain, first.ref), IsOk());
  EXPECT_THAT(catalog().FindUnits(kMain, {&first.ref.key, 1}),
              IsOkAndHolds(ElementsAre(ElementsAre(sibling))));
}

ReportedUnit MakeReported(const ScopeKey& scope, int key, int output) {
  ReportedUnit reported;
  reported.scope = scope;
  reported.unit = UnitRef{IdOf<UnitKey>(key), IdOf<OutputDigest>(output)};
  reported.state = ReportState::kSuspended;
  reported.answered = -7;
  reported.reports = {
      UnitReport{"ci", ReportReason::kUnusable, "error[E0786]", 100},
      UnitReport{std::string(4096, 'p'), ReportReason::kDiffers, std::string(4096, '\0'), -1}};
  return reported;
}

std::vector<ReportedUnit> AllReported(Catalog& catalog) {
  std::vector<ReportedUnit> all;
  EXPECT_THAT(catalog.ScanReported([&](const ReportedUnit& unit) {
                all.push_back(unit);
                return true;
              }),
              IsOk());
  return all;
}

TEST_P(CatalogConformance, ReportsComeBackWholeInOrder) {
  EXPECT_THAT(AllReported(catalog()), IsEmpty());
  std::vector<ReportedUnit> put = {MakeReported(kMain, 1, 1), MakeReported(kMain, 1, 2),
                                   MakeReported(kOther, 1, 1), MakeReported(kMain, 2, 1)};
  for (const ReportedUnit& unit : put) ASSERT_THAT(catalog().PutReported(unit), IsOk());
  const auto bytes = [](const ReportedUnit& unit) {
    return std::string(unit.scope.AsBytes())
        .append(unit.unit.key.AsBytes())
        .append(unit.unit.output.AsBytes());
  };
  std::sort(put.begin(), put.end(), [&](const ReportedUnit& a, const ReportedUnit& b) {
    return bytes(a) < bytes(b);
  });
  EXPECT_EQ(AllReported(catalog()), put);
  int visits = 0;
  EXPECT_THAT(catalog().ScanReported([&](const ReportedUnit&) { return ++visits < 2; }), IsOk());
  EXPECT_EQ(visits, 2);
}

TEST_P(CatalogConformance, TheLastReportsOfAUnitStayUntilTheyAreErased) {
  ReportedUnit unit = MakeReported(kMain, 1, 1);
  ASSERT_THAT(catalog().PutReported(unit), IsOk());
  unit.state = ReportState::kAnswered;
  unit.answered = 200;
  unit.reports.clear();
  ASSERT_THAT(catalog().PutReported(unit), IsOk());
  EXPECT_THAT(AllReported(catalog()), ElementsAre(unit));
  ASSERT_THAT(catalog().EraseReported(kOther, unit.unit), IsOk());
  EXPECT_THAT(AllReported(catalog()), ElementsAre(unit));
  ASSERT_THAT(catalog().EraseReported(kMain, unit.unit), IsOk());
  EXPECT_THAT(AllReported(catalog()), IsEmpty());
  // The entry itself is another thing.
  const UnitEntry entry = MakeUnit(1, 1, 100);
  ASSERT_THAT(catalog().Commit(BatchOf({entry})), IsOk());
  ASSERT_THAT(catalog().PutReported(MakeReported(kMain, 1, 1)), IsOk());
  ASSERT_THAT(catalog().EraseUnit(kMain, entry.ref), IsOk());
  EXPECT_THAT(AllReported(catalog()), SizeIs(1));
}

TEST_P(CatalogConformance, ReportsAboveALimitAreRefused) {
  ReportedUnit unit = MakeReported(kMain, 1, 1);
  unit.reports[0].text = std::string(4097, 'x');
  EXPECT_THAT(catalog().PutReported(unit), StatusIs(absl::StatusCode::kInvalidArgument));
  unit = MakeReported(kMain, 1, 1);
  unit.reports.resize(kMaxUnitReports + 1);
  EXPECT_THAT(catalog().PutReported(unit), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(AllReported(catalog()), IsEmpty());
}

TEST_P(CatalogConformance, LastPackageOfAChecksumStands) {
  const PackageEntry first{IdOf<PartDigest>(1), DigestOf("record 1")};
  const PackageEntry second{first.checksum, DigestOf("record 2")};
  const PackageEntry other{IdOf<PartDigest>(2), DigestOf("record 3")};
  CommitBatch batch;
  batch.scope = kMain;
  batch.packages = {first, second, other};
  ASSERT_THAT(catalog().Commit(batch), IsOk());
  const std::vector<PartDigest> checksums = {other.checksum, IdOf<PartDigest>(3), first.checksum};
  EXPECT_THAT(catalog().FindPackages(kMain, checksums),
              IsOkAndHolds(ElementsAre(other, std::nullopt, second)));
}

TEST_P(CatalogConformance, RefsAreKeptInOrderOfAsking) {
  const TestBlob a = MakeBlob("a"), b = MakeBlob("b");
  ASSERT_THAT(Write({a, b}), IsOk());
  CommitBatch batch;
  batch.scope = kMain;
  batch.refs = {a.hash(), b.hash(), a.hash()};
  ASSERT_THAT(catalog().Commit(batch), IsOk());
  const std::vector<BlobHash> asked = {MakeBlob("c").hash(), b.hash(), a.hash()};
  EXPECT_THAT(catalog().FindRefs(kMain, asked), IsOkAndHolds(ElementsAre(false, true, true)));
}

TEST_P(CatalogConformance, ScopesSeeNothingOfEachOther) {
  const LayerRecord layer = MakeLayer(1, 1, 100);
  const UnitEntry unit = MakeUnit(1, 1, 100);
  CommitBatch batch = BatchOf(layer);
  batch.units = {unit};
  batch.packages = {PackageEntry{IdOf<PartDigest>(1), DigestOf("record")}};
  batch.refs = {IdOf<BlobHash>(1)};
  ASSERT_THAT(catalog().Commit(batch), IsOk());
  EXPECT_THAT(catalog().FindLayers(kOther, layer.recipe), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(catalog().FindUnits(kOther, {&unit.ref.key, 1}),
              IsOkAndHolds(ElementsAre(IsEmpty())));
  EXPECT_THAT(catalog().FindPackages(kOther, {&batch.packages[0].checksum, 1}),
              IsOkAndHolds(ElementsAre(std::nullopt)));
  EXPECT_THAT(catalog().FindRefs(kOther, batch.refs), IsOkAndHolds(ElementsAre(false)));
  int seen = 0;
  EXPECT_THAT(
      catalog().ScanLayers(kOther, std::nullopt, [&](const LayerRecord&) { return ++seen > 0; }),
      IsOk());
  EXPECT_EQ(seen, 0);
}

TEST_P(CatalogConformance, ErasedLayerIsGoneAndItsSiblingsStay) {
  const LayerRecord a = MakeLayer(1, 1, 100), b = MakeLayer(1, 2, 200);
  ASSERT_THAT(catalog().Commit(BatchOf(a)), IsOk());
  ASSERT_THAT(catalog().Commit(BatchOf(b)), IsOk());
  ASSERT_THAT(catalog().EraseLayer(kOther, a.recipe, a.variant), IsOk());
  ASSERT_THAT(catalog().EraseLayer(kMain, a.recipe, a.variant), IsOk());
  ASSERT_THAT(catalog().EraseLayer(kMain, a.recipe, a.variant), IsOk()) << "was gone already";
  EXPECT_THAT(catalog().FindLayers(kMain, a.recipe), IsOkAndHolds(ElementsAre(b)));
}

TEST_P(CatalogConformance, ErasedUnitIsGoneAndItsSiblingsStay) {
  const UnitEntry a = MakeUnit(1, 1, 100), b = MakeUnit(1, 2, 200);
  ASSERT_THAT(catalog().Commit(BatchOf({a, b})), IsOk());
  ASSERT_THAT(catalog().EraseUnit(kMain, a.ref), IsOk());
  ASSERT_THAT(catalog().EraseUnit(kMain, a.ref), IsOk()) << "was gone already";
  EXPECT_THAT(catalog().FindUnits(kMain, {&a.ref.key, 1}),
              IsOkAndHolds(ElementsAre(ElementsAre(b))));
}

TEST_P(CatalogConformance, ErasedEntryCanBeCommittedAgain) {
  LayerRecord layer = MakeLayer(1, 1, 100);
  ASSERT_THAT(catalog().Commit(BatchOf(layer)), IsOk());
  ASSERT_THAT(catalog().EraseLayer(kMain, layer.recipe, layer.variant), IsOk());
  layer.principal = "somebody else";
  ASSERT_THAT(catalog().Commit(BatchOf(layer)), IsOk());
  EXPECT_THAT(catalog().FindLayers(kMain, layer.recipe), IsOkAndHolds(ElementsAre(layer)));
}

TEST_P(CatalogConformance, ScanGoesByRecipeFromAnyPoint) {
  std::vector<RecipeHash> recipes;
  for (int i = 0; i < 6; ++i) {
    recipes.push_back(IdOf<RecipeHash>(i));
    for (int variant = 0; variant < 2; ++variant) {
      ASSERT_THAT(catalog().Commit(BatchOf(MakeLayer(i, variant, i))), IsOk());
    }
  }
  std::sort(recipes.begin(), recipes.end());
  for (std::size_t start = 0; start <= recipes.size(); ++start) {
    std::vector<RecipeHash> want, got;
    for (std::size_t i = start; i < recipes.size(); ++i) want.insert(want.end(), 2, recipes[i]);
    std::optional<RecipeHash> after;
    if (start > 0) after = recipes[start - 1];
    ASSERT_THAT(catalog().ScanLayers(kMain, after,
                                     [&](const LayerRecord& layer) {
                                       got.push_back(layer.recipe);
                                       return true;
                                     }),
                IsOk());
    EXPECT_EQ(got, want) << start;
  }
}

TEST_P(CatalogConformance, ScanStopsWhenToldAndMayCallTheCatalog) {
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(catalog().Commit(BatchOf(MakeLayer(i, 0, i))), IsOk());
  }
  int seen = 0;
  ASSERT_THAT(catalog().ScanLayers(
                  kMain, std::nullopt,
                  [&](const LayerRecord& layer) {
                    EXPECT_THAT(catalog().EraseLayer(kMain, layer.recipe, layer.variant), IsOk());
                    return ++seen < 2;
                  }),
              IsOk());
  EXPECT_EQ(seen, 2);
}

TEST_P(CatalogConformance, EntriesAboveALimitAreRefusedWhole) {
  std::vector<CommitBatch> refused;
  refused.push_back(BatchOf(MakeLayer(1, 1, 1)));
  refused.back().layer->index.resize(kMaxIndexBlobs + 1);
  refused.push_back(BatchOf(MakeLayer(1, 1, 1)));
  refused.back().layer->trace.resize(kMaxTraceParts + 1);
  refused.push_back(BatchOf(MakeLayer(1, 1, 1)));
  refused.back().layer->principal = std::string(4097, 'x');
  refused.push_back(BatchOf(MakeLayer(1, 1, 1)));
  std::swap(refused.back().layer->predicates[0], refused.back().layer->predicates[1]);
  refused.push_back(BatchOf({MakeUnit(2, 2, 2)}));
  refused.back().units[0].predicates[0].name = std::string(4097, 'x');
  for (CommitBatch& batch : refused) {
    batch.refs = {IdOf<BlobHash>(1)};
    EXPECT_THAT(catalog().Commit(batch), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(catalog().FindLayers(kMain, IdOf<RecipeHash>(1)), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(catalog().FindRefs(kMain, refused[0].refs), IsOkAndHolds(ElementsAre(false)));
}

}  // namespace
}  // namespace depcache::testing
