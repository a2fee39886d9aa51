#include "cache/layer/unit_key.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/cache/layer/sample_records.h"
#include "tests/support/golden.h"

namespace depcache::testing {
namespace {

UnitKeyParts SampleParts() {
  return {{"cargo.hash", "0123456789abcdef"}, {"package", "either 1.13.0"}, {"rustc", "1.95.0"}};
}

UnitKey KeyOf(const UnitKeyParts& parts, std::vector<UnitRef> deps) {
  return UnitKeyOf(UnitInputsOf(parts), std::move(deps));
}

std::vector<UnitRef> SampleDeps() {
  return {{IdOf<UnitKey>('2'), IdOf<OutputDigest>('b')},
          {IdOf<UnitKey>('1'), IdOf<OutputDigest>('a')}};
}

std::vector<BuildKey> SampleBuilds() { return {IdOf<BuildKey>('2'), IdOf<BuildKey>('1')}; }

TEST(UnitKeyTest, IsDerivedAsInTheGoldenFile) {
  std::string keys = "nothing  " + KeyOf({}, {}).ToHex() + "\n";
  keys += "parts    " + KeyOf(SampleParts(), {}).ToHex() + "\n";
  keys += "deps     " + KeyOf({}, SampleDeps()).ToHex() + "\n";
  keys += "both     " + KeyOf(SampleParts(), SampleDeps()).ToHex() + "\n";
  const BuildKey build = BuildKeyOf(UnitInputsOf({}), {});
  keys += "inputs   " + UnitInputsOf(SampleParts()).ToHex() + "\n";
  keys += "build    " + build.ToHex() + "\n";
  keys += "on it    " + BuildKeyOf(UnitInputsOf(SampleParts()), {build}).ToHex() + "\n";
  ExpectMatchesGolden("layer/unit_key.v1", keys);
}

TEST(UnitKeyTest, BuildKeysChainWithoutOutputs) {
  const UnitInputs inputs = UnitInputsOf(SampleParts());
  const BuildKey a = BuildKeyOf(UnitInputsOf({{"a", ""}}), {});
  const BuildKey b = BuildKeyOf(UnitInputsOf({{"b", ""}}), {});
  EXPECT_EQ(BuildKeyOf(inputs, {a, b}), BuildKeyOf(inputs, {b, a}));
  const std::set<BuildKey> keys = {a,
                                   b,
                                   BuildKeyOf(inputs, {}),
                                   BuildKeyOf(inputs, {a}),
                                   BuildKeyOf(inputs, {b}),
                                   BuildKeyOf(inputs, {a, a}),
                                   BuildKeyOf(inputs, {a, b})};
  EXPECT_EQ(keys.size(), 7);
}

TEST(UnitKeyTest, OrderOfDependenciesDoesNotCount) {
  std::vector<UnitRef> turned = SampleDeps();
  std::swap(turned[0], turned[1]);
  EXPECT_EQ(KeyOf(SampleParts(), turned), KeyOf(SampleParts(), SampleDeps()));
}

TEST(UnitKeyTest, EverythingElseCounts) {
  const auto with = [](const char* name, const char* value) {
    UnitKeyParts parts = SampleParts();
    parts[name] = value;
    return KeyOf(parts, SampleDeps());
  };
  std::set<UnitKey> keys = {KeyOf(SampleParts(), SampleDeps()), with("rustc", "1.95.1"),
                            with("more", ""), with("rust", "c1.95.0")};
  std::vector<UnitRef> deps = SampleDeps();
  deps[0].output = IdOf<OutputDigest>('c');  // the same unit of another builder
  keys.insert(KeyOf(SampleParts(), deps));
  deps = SampleDeps();
  deps[0].key = IdOf<UnitKey>('3');
  keys.insert(KeyOf(SampleParts(), deps));
  deps = SampleDeps();
  std::swap(deps[0].output, deps[1].output);
  keys.insert(KeyOf(SampleParts(), deps));
  deps = SampleDeps();
  deps.push_back(deps[0]);
  keys.insert(KeyOf(SampleParts(), deps));
  deps.resize(1);
  keys.insert(KeyOf(SampleParts(), deps));
  EXPECT_EQ(keys.size(), 9);
}

TEST(UnitKeyTest, BuildKeyIsOfInputsAlone) {
  const UnitInputs inputs = UnitInputsOf(SampleParts());
  const std::vector<BuildKey> turned = {IdOf<BuildKey>('1'), IdOf<BuildKey>('2')};
  EXPECT_EQ(BuildKeyOf(inputs, turned), BuildKeyOf(inputs, SampleBuilds()));
  EXPECT_NE(BuildKeyOf(inputs, turned), BuildKeyOf(inputs, {turned[0]}));
  EXPECT_NE(BuildKeyOf(inputs, turned), BuildKeyOf(UnitInputsOf({}), turned));
}

TEST(UnitKeyTest, ATimeNameIsOfThePlaceButForTheHash) {
  UnitPlace place{"x86_64-unknown-linux-gnu", "release", "serde", "0123456789abcdef", "lib-serde",
                  "serde", UnitKind::kLib};
  const std::string name = TimeNameOf(place);
  EXPECT_EQ(name, "serde/lib-serde/x86_64-unknown-linux-gnu/release");
  place.hash = "fedcba9876543210";
  EXPECT_EQ(TimeNameOf(place), name);
  EXPECT_EQ(TimeNameOf(UnitPlace{}), "");
}

TEST(UnitKeyTest, PartsDoNotRunIntoEachOther) {
  EXPECT_NE(KeyOf({{"a", "bc"}}, {}), KeyOf({{"ab", "c"}}, {}));
  EXPECT_NE(KeyOf({{"a", ""}, {"b", ""}}, {}), KeyOf({{"a", "b"}}, {}));
  EXPECT_NE(KeyOf({{"a", ""}}, {}), KeyOf({}, {}));
}

}  // namespace
}  // namespace depcache::testing
