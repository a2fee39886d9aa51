// Commits: units, package sources, layers.

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/cache/engine/engine_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

const ScopeKey& Main() {
  static const ScopeKey key = ScopeKeyOf("", "main");
  return key;
}

Predicate EnvPredicate(const std::string& name, const std::string& value) {
  return Predicate{PredicateKind::kEnv, name, PredicateValue(PredicateKind::kEnv, name, value)};
}

class CommitTest : public EngineFixture {
 protected:
  std::vector<UnitEntry> Known(const UnitKey& key) {
    const auto found = catalog().FindUnits(Main(), {&key, 1});
    EXPECT_THAT(found, IsOk());
    return found.ok() ? found->at(0) : std::vector<UnitEntry>();
  }
  std::string UnitError(const BuiltLayer& layer) {
    EXPECT_THAT(PutBlobs(Scope(), layer), IsOk());
    const auto result = CommitUnits(Scope(), layer);
    EXPECT_THAT(result, StatusIs(kInvalid));
    for (const BuiltUnit& unit : layer.units) EXPECT_THAT(Known(unit.ref.key), IsEmpty());
    return std::string(MessageOf(result.status()));
  }
};

TEST_F(CommitTest, UnitsAndPackagesBecomeKnown) {
  const BuiltLayer layer = SmallLayer(1);
  ASSERT_THAT(PutBlobs(Scope(), layer), IsOk());
  const auto result = CommitUnits(Scope(), layer);
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->missing, IsEmpty());
  EXPECT_EQ(result->recorded, 3);
  const auto known = Known(layer.units[1].ref.key);
  ASSERT_EQ(known.size(), 1);
  EXPECT_EQ(known[0].ref, layer.units[1].ref);
  EXPECT_EQ(known[0].record, layer.units[1].record);
  EXPECT_EQ(known[0].principal, "ann");
  EXPECT_EQ(known[0].created, UnixSeconds(clock().Now()));
}

TEST_F(CommitTest, CommittingAgainChangesNothing) {
  const BuiltLayer layer = SmallLayer(1);
  ASSERT_THAT(PutBlobs(Scope(), layer), IsOk());
  ASSERT_THAT(CommitUnits(Scope(), layer), IsOk());
  const auto before = Known(layer.units[0].ref.key);
  clock().Advance(std::chrono::seconds(5));
  const auto again = CommitUnits(Scope(), layer);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->recorded, 3);
  EXPECT_EQ(Known(layer.units[0].ref.key), before);
}

TEST_F(CommitTest, OneKeyMayHaveSeveralOutputs) {
  LayerBuilder mine;
  LayerBuilder theirs;
  const UnitRef first = mine.AddUnit("u", "built here");
  const UnitRef second = theirs.AddUnit("u", "built there");
  ASSERT_EQ(first.key, second.key);
  for (LayerBuilder* builder : {&mine, &theirs}) {
    ASSERT_THAT(PutBlobs(Scope(), builder->Build()), IsOk());
    ASSERT_THAT(CommitUnits(Scope(), builder->Build()), IsOk());
    clock().Advance(std::chrono::seconds(1));
  }
  std::vector<UnitRef> refs;
  for (const UnitEntry& entry : Known(first.key)) refs.push_back(entry.ref);
  EXPECT_THAT(refs, ElementsAre(first, second));
}

// Two machines on which a variable differs that a build script asks for, and
// makes nothing of.
TEST_F(CommitTest, OneOutputMayHaveComeOfSeveralValues) {
  std::vector<UnitRef> refs;
  for (const char* value : {"1", "2"}) {
    LayerBuilder builder;
    refs.push_back(builder.AddUnit("u", "bytes", {}, {EnvPredicate("TUNE", value)}));
    ASSERT_THAT(PutBlobs(Scope(), builder.Build()), IsOk());
    ASSERT_THAT(CommitUnits(Scope(), builder.Build()), IsOk());
    clock().Advance(std::chrono::seconds(1));
  }
  ASSERT_EQ(refs[0], refs[1]);
  const std::vector<UnitEntry> known = Known(refs[0].key);
  ASSERT_EQ(known.size(), 2);
  EXPECT_THAT(known[0].predicates, ElementsAre(EnvPredicate("TUNE", "1")));
  EXPECT_THAT(known[1].predicates, ElementsAre(EnvPredicate("TUNE", "2")));
}

// A compile of the same unit on another day: the same files, another record.
BuiltLayer LayerCompiledIn(std::uint32_t compile_ms, const std::string& index_line) {
  LayerBuilder builder;
  UnitRecord record;
  record.package = PackageId{"u", "1.0.0", "registry+https://example.org/index", ""};
  record.place = UnitPlace{"", "release", "u", "0123456789abcdef", "lib-u", "u", UnitKind::kLib};
  record.source_path = "src/lib.rs";
  record.compile_ms = compile_ms;
  record.files.emplace_back();
  record.files[0].content = BlobContent{HashAs<BlobHash>("rlib"), builder.Cut("rlib")};
  builder.AddRecord(std::move(record));
  builder.AddPackage("u", "crate of u", index_line);
  return builder.Build();
}

TEST_F(CommitTest, AnEntryWhoseBytesWereEvictedIsReplaced) {
  const BuiltLayer evicted = LayerCompiledIn(100, "{}");
  ASSERT_THAT(PutBlobs(Scope(), evicted), IsOk());
  ASSERT_THAT(CommitUnits(Scope(), evicted), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());

  const BuiltLayer fresh = LayerCompiledIn(200, R"({"yanked":true})");
  ASSERT_EQ(evicted.units[0].ref, fresh.units[0].ref);
  ASSERT_NE(evicted.units[0].record, fresh.units[0].record);
  ASSERT_NE(evicted.packages, fresh.packages);
  ASSERT_THAT(PutBlobs(Scope(), fresh), IsOk());
  ASSERT_THAT(CommitUnits(Scope(), fresh), IsOk());
  const auto units = cache().OpenUnits(Scope())->Find({&fresh.units[0].ref.key, 1});
  ASSERT_THAT(units, IsOk());
  ASSERT_EQ(units->at(0).size(), 1);
  EXPECT_EQ(units->at(0)[0].record, fresh.units[0].record);
  const PartDigest checksum = HashAs<PartDigest>("crate of u");
  EXPECT_THAT(cache().FindPackages(Scope(), {&checksum, 1}),
              IsOkAndHolds(ElementsAre(fresh.packages[0])));
}

TEST_F(CommitTest, AnEntryThatIsWholeStays) {
  const BuiltLayer first = LayerCompiledIn(100, "{}");
  const BuiltLayer second = LayerCompiledIn(200, R"({"yanked":true})");
  for (const BuiltLayer* layer : {&first, &second}) {
    ASSERT_THAT(PutBlobs(Scope(), *layer), IsOk());
    ASSERT_THAT(CommitUnits(Scope(), *layer), IsOk());
  }
  const std::vector<UnitEntry> known = Known(first.units[0].ref.key);
  ASSERT_EQ(known.size(), 1);
  EXPECT_EQ(known[0].record, first.units[0].record);
  const PartDigest checksum = HashAs<PartDigest>("crate of u");
  EXPECT_THAT(cache().FindPackages(Scope(), {&checksum, 1}),
              IsOkAndHolds(ElementsAre(first.packages[0])));
}

TEST_F(CommitTest, AnEntryWithAHoleIsListedAndTheRestRecorded) {
  BuiltLayer layer = SmallLayer(1);
  const Digest file = DigestOf(RandomPlain(3000, 3));  // of the second unit
  ASSERT_EQ(layer.blobs.erase(file.hash), 1);
  ASSERT_EQ(layer.blobs.erase(layer.packages[0].hash), 1);
  ASSERT_THAT(PutBlobs(Scope(), layer), IsOk());
  const auto result = CommitUnits(Scope(), layer);
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->missing, UnorderedElementsAre(file, layer.packages[0]));
  EXPECT_EQ(result->recorded, 1);
  EXPECT_EQ(Known(layer.units[0].ref.key).size(), 1);
  EXPECT_THAT(Known(layer.units[1].ref.key), IsEmpty());
}

TEST_F(CommitTest, BytesOfAnotherScopeAreMissing) {
  const BuiltLayer layer = SmallLayer(1);
  ASSERT_THAT(PutBlobs(Scope("secret"), layer), IsOk());
  const auto result = CommitUnits(Scope("main"), layer);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->missing.size(), 3) << "the records";
  // With the records of one's own, the files are what is missing.
  BuiltLayer records = layer;
  for (const BlobHash& hash : layer.Hashes()) {
    bool is_record = false;
    for (const BuiltUnit& unit : layer.units) is_record |= unit.record.hash == hash;
    if (!is_record) records.blobs.erase(hash);
  }
  ASSERT_THAT(PutBlobs(Scope("main"), records), IsOk());
  const auto again = CommitUnits(Scope("main"), layer);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->recorded, 0);
  EXPECT_THAT(Known(layer.units[0].ref.key), IsEmpty());
}

TEST_F(CommitTest, ARecordIsTheUnitItIsCommittedAs) {
  BuiltLayer layer = SmallLayer(1);
  layer.units[0].ref.key = HashAs<UnitKey>("another");
  EXPECT_THAT(UnitError(layer), HasSubstr("is not the unit it is committed as"));
  layer = SmallLayer(1);
  layer.units[0].ref.output = HashAs<OutputDigest>("another");
  EXPECT_THAT(UnitError(layer), HasSubstr("is not the unit it is committed as"));
}

TEST_F(CommitTest, PathsThatLeaveTheirFolderAreRefused) {
  const std::vector<std::pair<std::string, FileContent>> entries = {
      {"../../.bashrc", InlineContent{"evil"}},
      {"/etc/profile", InlineContent{"evil"}},
      {"a/../../b", InlineContent{"evil"}},
      {"link", LinkContent{"../../.."}},
      {"link", LinkContent{"/etc"}}};
  for (const auto& [name, content] : entries) {
    LayerBuilder builder;
    UnitRecord record;
    record.package = PackageId{"evil", "1.0.0", "", ""};
    record.place = UnitPlace{
        "", "debug", "evil", "0", "run-build-script", "build_script_build", UnitKind::kScriptRun};
    UnitFile file;
    file.role = FileRole::kOutDirEntry;
    file.name = name;
    file.content = content;
    record.files = {file};
    builder.AddRecord(record);
    EXPECT_THAT(UnitError(builder.Build()), HasSubstr("leaves OUT_DIR")) << name;
    EXPECT_THAT(CommitLayer(Scope(), RecipeOf(1), builder.Build()), StatusIs(kInvalid));
    EXPECT_THAT(cache().FindLayer(Scope(), RecipeOf(1)), StatusIs(absl::StatusCode::kNotFound));
  }
}

TEST_F(CommitTest, APlaceThatIsNoNameIsRefused) {
  LayerBuilder builder;
  UnitRecord record;
  record.package = PackageId{"evil", "1.0.0", "", ""};
  record.place = UnitPlace{"", "..", "evil", "0", "lib-evil", "../../../../bin/sh", UnitKind::kLib};
  builder.AddRecord(record);
  EXPECT_THAT(UnitError(builder.Build()), HasSubstr("not one component"));
}

TEST_F(CommitTest, APackageHasAChecksum) {
  BuiltLayer layer;
  PackageRecord record;
  record.package = PackageId{"p", "1.0.0", "", ""};
  const std::string bytes = Encode(record);
  layer.blobs.emplace(DigestOf(bytes).hash, bytes);
  layer.packages = {DigestOf(bytes)};
  EXPECT_THAT(UnitError(layer), HasSubstr("hash has 0 hex digits"));
}

TEST_F(CommitTest, ReadersCommitNothing) {
  const BuiltLayer layer = SmallLayer(1);
  ASSERT_THAT(PutBlobs(Scope(), layer), IsOk());
  EXPECT_THAT(CommitUnits(Reader(), layer), StatusIs(kDenied));
  EXPECT_THAT(CommitLayer(Reader(), RecipeOf(1), layer), StatusIs(kDenied));
  EXPECT_THAT(Known(layer.units[0].ref.key), IsEmpty());
}

TEST_F(CommitTest, ALayerWithAHoleIsNotRecorded) {
  BuiltLayer layer = SmallLayer(1);
  const BlobHash file = DigestOf(RandomPlain(3000, 3)).hash;
  const auto expect_missing = [&](const BlobHash& hash) {
    BuiltLayer part = layer;
    part.blobs.erase(hash);
    const CallScope scope = Scope("pr/" + hash.ToShortHex());
    ASSERT_THAT(PutBlobs(scope, part), IsOk());
    const auto result = CommitLayer(scope, RecipeOf(1), part);
    ASSERT_THAT(result, IsOk());
    ASSERT_EQ(result->missing.size(), 1);
    EXPECT_EQ(result->missing[0].hash, hash);
    EXPECT_THAT(cache().FindLayer(scope, RecipeOf(1)), StatusIs(absl::StatusCode::kNotFound));
  };
  expect_missing(file);
  expect_missing(layer.index[0].hash);
}

TEST_F(CommitTest, TheFirstOfEqualVariantsStays) {
  const BuiltLayer layer = SmallLayer(1);
  Store(Scope(), RecipeOf(1), layer);
  LayerBuilder other;
  other.AddUnit("other", "bytes");
  ASSERT_THAT(PutBlobs(Scope(), other.Build()), IsOk());
  const auto again = CommitLayer(Scope(), RecipeOf(1), other.Build());
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->existed);
  const auto found = cache().FindLayer(Scope(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->variants.size(), 1);
  EXPECT_EQ(found->variants[0].index, layer.index);
}

// Two builders at once: the one that could not share all may be the first.
TEST_F(CommitTest, ALayerOfMoreUnitsTakesThePlaceOfOneThatLeftSomeOut) {
  const BuiltLayer whole = SmallLayer(1);
  LayerBuilder part;
  part.AddUnit("u1_base", RandomPlain(3000, 2));
  Store(Scope(), RecipeOf(1), part.Build());
  Store(Scope(), RecipeOf(1), whole);
  const auto found = cache().FindLayer(Scope(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->variants.size(), 1);
  EXPECT_EQ(found->variants[0].index, whole.index);
}

TEST_F(CommitTest, AVariantWithAHoleIsReplaced) {
  Store(Scope(), RecipeOf(1), SmallLayer(1));
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  const BuiltLayer fresh = SmallLayer(2);
  Store(Scope(), RecipeOf(1), fresh);
  const auto found = cache().FindLayer(Scope(), RecipeOf(1));
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->variants.size(), 1);
  EXPECT_EQ(found->variants[0].index, fresh.index);
}

TEST_F(CommitTest, TheTraceKeepsValuesAsBlobs) {
  const BuiltLayer layer = SmallLayer(1);
  ASSERT_THAT(PutBlobs(Scope(), layer), IsOk());
  const std::string large((1 << 20) + 1, 'x');
  const std::vector<NamedValue> parts = {{"z", "small"}, {"a", large}};
  ASSERT_THAT(cache().CommitLayer(Scope(), RecipeOf(1), parts, layer.index), IsOk());
  const auto layers = catalog().FindLayers(Main(), RecipeOf(1));
  ASSERT_THAT(layers, IsOk());
  ASSERT_EQ(layers->size(), 1);
  EXPECT_THAT(layers->at(0).trace,
              ElementsAre(TracePart{"a", HashAs<PartDigest>(large), Digest{}},
                          TracePart{"z", HashAs<PartDigest>("small"), DigestOf("small")}));
  EXPECT_THAT(Read(Reader(), "", {DigestOf("small").hash})[0], IsOkAndHolds(std::string("small")));
}

TEST_F(CommitTest, ARecordedLayerNeedsNoTicketToBeRead) {
  const BuiltLayer layer = SmallLayer(1);
  Store(Scope(), RecipeOf(1), layer);
  clock().Advance(std::chrono::hours(100));
  EXPECT_TRUE(ReadsWhole(Reader(), "", layer));
}

}  // namespace
}  // namespace depcache::testing
