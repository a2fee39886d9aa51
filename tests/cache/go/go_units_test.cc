#include "cache/go/go_units.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::StatusIs;

Recipe SomeRecipe(const std::string& imports, const std::string& version) {
  return *Recipe::FromParts({{"kind", "go"},
                             {"go", version},
                             {"imports", imports},
                             {"module.require", "a.b/c v1.0.0\n" + imports}});
}

GoPackage Leaf() { return {"a.b/c/leaf", {"a.b/c", "v1.0.0"}, {}}; }

UnitRecord Record() {
  UnitRecord record =
      GoRecord(GoPackageInputs(SomeRecipe("fmt\n", "go1.19"), Leaf(), {}), Leaf(), {});
  UnitFile file;
  file.role = FileRole::kOutDirEntry;
  file.name = "build/aa/" + std::string(64, 'a') + "-d";
  file.content = InlineContent{"bytes"};
  record.files = {file};
  return record;
}

TEST(GoUnitsTest, ARecordComesBack) {
  const UnitRecord record = Record();
  const absl::StatusOr<UnitRecord> again = DecodeUnitRecord(Encode(record));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, record);
  EXPECT_EQ(again->package.name, "a.b/c/leaf");
  EXPECT_EQ(again->package.version, "v1.0.0");
}

// What is imported besides, and which other modules there are, makes no
// difference to a package: that is how checkouts share it.
TEST(GoUnitsTest, APackageIsKnownInEveryCheckout) {
  EXPECT_EQ(GoPackageInputs(SomeRecipe("fmt\n", "go1.19"), Leaf(), {}),
            GoPackageInputs(SomeRecipe("net\n", "go1.19"), Leaf(), {}));
}

TEST(GoUnitsTest, WhatItIsCompiledWithCounts) {
  const Recipe recipe = SomeRecipe("fmt\n", "go1.19");
  const UnitInputs inputs = GoPackageInputs(recipe, Leaf(), {});
  EXPECT_NE(GoPackageInputs(SomeRecipe("fmt\n", "go1.20"), Leaf(), {}), inputs);
  GoPackage other = Leaf();
  other.module.version = "v1.0.1";
  EXPECT_NE(GoPackageInputs(recipe, other, {}), inputs);
  other = Leaf();
  other.replaced = {"x.y/z", "v1.0.0"};
  EXPECT_NE(GoPackageInputs(recipe, other, {}), inputs);
  EXPECT_NE(GoPackageInputs(recipe, Leaf(), {GoModSum("x"), std::nullopt}), inputs);
  EXPECT_NE(GoModuleInputs(Leaf().module, {}), inputs);
}

TEST(GoUnitsTest, DependenciesAreInTheKeyInAnyOrder) {
  const UnitInputs inputs = GoModuleInputs({"a.b/c", "v1.0.0"}, {});
  const UnitRef one{HashAs<UnitKey>("1"), HashAs<OutputDigest>("1")};
  const UnitRef two{HashAs<UnitKey>("2"), HashAs<OutputDigest>("2")};
  EXPECT_EQ(GoRecord(inputs, Leaf(), {one, two}), GoRecord(inputs, Leaf(), {two, one, two}));
  EXPECT_NE(GoRecord(inputs, Leaf(), {one}).key, GoRecord(inputs, Leaf(), {two}).key);
}

TEST(GoUnitsTest, WhatIsCargosHasNoPlaceInAGoUnit) {
  const auto refused = [](auto&& change) {
    UnitRecord record = Record();
    change(record);
    EXPECT_THAT(DecodeUnitRecord(Encode(record)), StatusIs(absl::StatusCode::kInvalidArgument));
  };
  refused([](UnitRecord& r) { r.place.hash = "0123456789abcdef"; });
  refused([](UnitRecord& r) { r.place.kind = UnitKind::kLib; });
  refused([](UnitRecord& r) { r.layout = LayoutKind::kClassic; });
  refused([](UnitRecord& r) { r.fingerprint = "{}"; });
  refused([](UnitRecord& r) { r.package.name = "../x"; });
  refused([](UnitRecord& r) { r.package.version = ""; });
  refused([](UnitRecord& r) { r.predicates = {{PredicateKind::kEnv, "X", std::nullopt}}; });
  refused([](UnitRecord& r) { r.files[0].is_executable = true; });
  refused([](UnitRecord& r) { r.files[0].is_rooted = true; });
  refused([](UnitRecord& r) { r.files[0].name = "../x"; });
  refused([](UnitRecord& r) { r.files[0].content = LinkContent{"x"}; });
  refused([](UnitRecord& r) { r.files[0].content = FolderContent{}; });
}

}  // namespace
}  // namespace depcache
