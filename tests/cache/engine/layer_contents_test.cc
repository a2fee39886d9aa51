#include "cache/engine/layer_contents.h"

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/cache/engine/engine_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class LayerContentsTest : public EngineFixture {
 protected:
  absl::StatusOr<LayerContents> Load(const BuiltLayer& layer) {
    EXPECT_THAT(PutBlobs(Scope(), layer), IsOk());
    return LoadLayer(*blobs().OpenView(), layer.index);
  }
  std::string ErrorOf(const BuiltLayer& layer) {
    const auto contents = Load(layer);
    EXPECT_THAT(contents, StatusIs(kInvalid));
    return std::string(MessageOf(contents.status()));
  }
  // Stores `frame` under a name it does not have, as a damaged disk would.
  void PutWrong(const Digest& digest, const std::string& frame) {
    const NewBlob blob{digest, frame};
    ASSERT_THAT(blobs().Write({&blob, 1}), IsOk());
  }
};

TEST_F(LayerContentsTest, ALayerIsReadBack) {
  const Predicate cc{PredicateKind::kEnv, "CC", std::nullopt};
  const Predicate ar{PredicateKind::kEnv, "AR", std::nullopt};
  LayerBuilder builder;
  const UnitRef base = builder.AddUnit("base", RandomPlain(1000, 1), {}, {cc});
  builder.AddUnit("top", RandomPlain((1 << 20) + 500, 2), {base}, {cc, ar});
  builder.AddPackage("base", "crate");
  const BuiltLayer layer = builder.Build();
  const auto contents = Load(layer);
  ASSERT_THAT(contents, IsOk());
  EXPECT_THAT(contents->missing, IsEmpty());
  EXPECT_EQ(contents->units.size(), 2);
  EXPECT_EQ(contents->units[1].package.name, "top");
  EXPECT_EQ(contents->packages.size(), 1);
  EXPECT_THAT(contents->predicates, ElementsAre(ar, cc));
  EXPECT_EQ(contents->plain_bytes, 1000 + (1 << 20) + 500);
  EXPECT_EQ(contents->compile_ms, 200);
  EXPECT_EQ(contents->AllBlobs(layer.index), layer.Hashes());
}

TEST_F(LayerContentsTest, AnIndexOfSeveralBlobsIsJoined) {
  LayerBuilder builder;
  const UnitRef unit = builder.AddUnit("one", "rlib");
  const Digest record = builder.index().units[0].record;
  // Entries of one unit again and again: the index alone is above one blob.
  for (int i = 0; i < 12'000; ++i) builder.index().units.push_back(LayerUnit{unit, record});
  const BuiltLayer layer = builder.Build();
  ASSERT_EQ(layer.index.size(), 2);
  const auto contents = Load(layer);
  ASSERT_THAT(contents, IsOk());
  EXPECT_EQ(contents->units.size(), 12'001);
}

TEST_F(LayerContentsTest, WhatIsNotThereIsListed) {
  BuiltLayer layer = SmallLayer(1);
  const Digest record = layer.units[1].record;
  layer.blobs.erase(record.hash);
  const auto contents = Load(layer);
  ASSERT_THAT(contents, IsOk());
  EXPECT_THAT(contents->missing, ElementsAre(record));

  const BuiltLayer other = SmallLayer(2);
  const auto nothing = LoadLayer(*blobs().OpenView(), other.index);
  ASSERT_THAT(nothing, IsOk());
  EXPECT_EQ(nothing->missing, other.index);
}

TEST_F(LayerContentsTest, DamagedBlobsCountAsMissing) {
  BuiltLayer layer = SmallLayer(1);
  PutWrong(layer.units[0].record, CompressFrame("other bytes"));
  PutWrong(layer.packages[0], "no frame at all");
  layer.blobs.erase(layer.units[0].record.hash);
  layer.blobs.erase(layer.packages[0].hash);
  const auto contents = Load(layer);
  ASSERT_THAT(contents, IsOk());
  EXPECT_THAT(contents->missing, ElementsAre(layer.units[0].record, layer.packages[0]));
}

TEST_F(LayerContentsTest, ABombUnderARecordsNameIsNeverExpanded) {
  BuiltLayer layer = SmallLayer(1);
  PutWrong(layer.units[0].record, CompressFrame(std::string(64 << 20, '\0')));
  layer.blobs.erase(layer.units[0].record.hash);
  const auto contents = Load(layer);
  ASSERT_THAT(contents, IsOk());
  EXPECT_THAT(contents->missing, ElementsAre(layer.units[0].record));
}

TEST_F(LayerContentsTest, AWrongLengthIsAnotherBlob) {
  const BuiltLayer layer = SmallLayer(1);
  ASSERT_THAT(PutBlobs(Scope(), layer), IsOk());
  Digest wrong = layer.units[0].record;
  ++wrong.size_bytes;
  const PlainBlobs plain = ReadPlain(*blobs().OpenView(), {&wrong, 1});
  EXPECT_THAT(plain.missing, ElementsAre(wrong));
}

TEST_F(LayerContentsTest, AUnitComesAfterWhatItDependsOn) {
  LayerBuilder builder;
  const UnitRef base = builder.AddUnit("base", "b");
  builder.AddUnit("top", "t", {base});
  std::swap(builder.index().units[0], builder.index().units[1]);
  EXPECT_THAT(ErrorOf(builder.Build()), HasSubstr("top 1.0.0 comes before a unit it depends on"));
}

TEST_F(LayerContentsTest, ADependencyIsInTheLayer) {
  LayerBuilder builder;
  const UnitRef base = builder.AddUnit("base", "b");
  const UnitRef other{base.key, HashAs<OutputDigest>("of another builder")};
  builder.AddUnit("top", "t", {other});
  EXPECT_THAT(ErrorOf(builder.Build()), HasSubstr("comes before a unit"));
}

TEST_F(LayerContentsTest, ARecordIsTheUnitTheIndexNames) {
  LayerBuilder builder;
  builder.AddUnit("a", "a");
  builder.index().units[0].ref.output = HashAs<OutputDigest>("x");
  EXPECT_THAT(ErrorOf(builder.Build()), HasSubstr("not the unit the index names"));
  LayerBuilder keys;
  keys.AddUnit("a", "a");
  keys.index().units[0].ref.key = HashAs<UnitKey>("x");
  EXPECT_THAT(ErrorOf(keys.Build()), HasSubstr("not the unit the index names"));
}

TEST_F(LayerContentsTest, WhatDoesNotDecodeIsRefused) {
  LayerBuilder builder;
  builder.AddUnit("a", "a");
  builder.index().units[0].record = builder.Keep("no record");
  EXPECT_THAT(ErrorOf(builder.Build()), HasSubstr("unit record: unknown version"));
  LayerBuilder packages;
  packages.index().packages.push_back(packages.Keep("no package"));
  EXPECT_THAT(ErrorOf(packages.Build()), HasSubstr("package record: unknown version"));
  BuiltLayer layer;
  layer.blobs.emplace(DigestOf("no index").hash, "no index");
  layer.index = {DigestOf("no index")};
  EXPECT_THAT(ErrorOf(layer), HasSubstr("layer index: unknown version"));
}

TEST_F(LayerContentsTest, AnIndexHasABlobAndNotTooMany) {
  const auto view = blobs().OpenView();
  EXPECT_THAT(LoadLayer(*view, {}), StatusIs(kInvalid));
  const std::vector<Digest> many(65, DigestOf("x"));
  EXPECT_THAT(LoadLayer(*view, many), StatusIs(kInvalid));
}

}  // namespace
}  // namespace depcache::testing
