#include "client/capture/unit_keys.h"

#include <gmock/gmock.h>

#include "cache/cargo/registry_layout.h"
#include "tests/support/sample_units.h"

namespace depcache::client {
namespace {

using ::depcache::testing::SampleUnits;
using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;

class UnitKeysTest : public ::testing::Test {
 protected:
  UnitKeysTest() {
    for (const char* name :
         {"rustc", "cargo", "rustflags", "rustc.digest", "rustc.wrapper", "host.cc", "host.linker",
          "host.libc", "host.cpu", "config.target", "config.host", "config.unstable",
          "env.RUSTC_BOOTSTRAP", "env.CARGO_TARGET_X_LINKER", "target-spec.x.json", "lock",
          "manifest/app"}) {
      recipe_.Add(name, std::string("value of ") + name);
    }
  }
  std::size_t Add(const std::string& name, UnitKind kind, const std::vector<std::size_t>& deps) {
    PlannedUnit unit;
    unit.package = {name, "1.0.0", std::string(kCratesIoSource), SourceKind::kRegistry};
    unit.place = SampleUnits::PlaceOf(name, kind);
    for (const std::size_t dep : deps) unit.deps.push_back({dep, "x"});
    plan_.units.push_back(std::move(unit));
    return plan_.units.size() - 1;
  }
  // A run of a build script which was compiled with `tool` at hand.
  std::size_t AddRun(const std::string& tool) {
    const std::size_t lib = Add(tool, UnitKind::kLib, {});
    const std::size_t script = Add("z", UnitKind::kScriptBuild, {lib});
    return Add("z", UnitKind::kScriptRun, {script});
  }
  UnitKeyParts Parts(std::size_t unit) { return KeyPartsOf(plan_, unit, recipe_, package_); }

  UnitPlan plan_;
  PackageId package_ = {"a", "1.0.0", std::string(kCratesIoSource), "sum"};
  Recipe recipe_;
};

TEST_F(UnitKeysTest, ALibraryIsKeyedToTheCompilerAndNotToTheHost) {
  const UnitKeyParts parts = Parts(Add("a", UnitKind::kLib, {}));
  for (const char* name :
       {"rustc", "rustc.digest", "rustc.wrapper", "cargo", "rustflags", "config.unstable",
        "env.RUSTC_BOOTSTRAP", "target-spec.x.json", "host.cpu", "layout", "place", "package"}) {
    EXPECT_THAT(parts, Contains(Key(name)));
  }
  for (const char* name : {"host.cc", "host.libc", "config.target", "env.CARGO_TARGET_X_LINKER"}) {
    EXPECT_THAT(parts, Not(Contains(Key(name))));
  }
}

TEST_F(UnitKeysTest, EveryUnitIsKeyedToTheLinkersThatAreConfigured) {
  const std::size_t unit = Add("a", UnitKind::kLib, {});
  Recipe recipe;
  recipe.Add("config.target", "x.ar = \"ar\"");
  EXPECT_THAT(KeyPartsOf(plan_, unit, recipe, package_), Not(Contains(Key("linkers"))));
  Recipe linked;
  linked.Add("config.target", "x.ar = \"ar\"\nx.linker = \"ld\"");
  linked.Add("env.CARGO_TARGET_X_LINKER", "gcc");
  linked.Add("host.linker-path", "/home/ci/ld");
  const UnitKeyParts parts = KeyPartsOf(plan_, unit, linked, package_);
  EXPECT_EQ(parts.at("linkers"), "x.linker = \"ld\"\nenv.CARGO_TARGET_X_LINKER = gcc\n");
  EXPECT_EQ(parts.at("host.linker-path"), "/home/ci/ld");
}

TEST_F(UnitKeysTest, ANativeScriptIsKeyedToTheVariablesOfItsTools) {
  recipe_.Add("env.CPATH", "/opt/include");
  recipe_.Add("env.CARGO_PROFILE_DEV_DEBUG", "1");
  EXPECT_THAT(Parts(AddRun("cc")), Contains(Key("env.CPATH")));
  EXPECT_THAT(Parts(AddRun("cc")), Not(Contains(Key("env.CARGO_PROFILE_DEV_DEBUG"))));
  EXPECT_THAT(Parts(AddRun("autocfg")), Not(Contains(Key("env.CPATH"))));
}

TEST_F(UnitKeysTest, WithATargetWhatIsBuiltForTheHostHasNoFlags) {
  const std::size_t host = Add("a", UnitKind::kScriptBuild, {});
  const std::size_t target = Add("b", UnitKind::kLib, {});
  plan_.units[target].place.triple = "x";
  Recipe recipe;
  recipe.Add("rustflags", "--cfg a");
  EXPECT_THAT(KeyPartsOf(plan_, host, recipe, package_), Contains(Key("rustflags")));
  recipe.Add("targets", "x");
  EXPECT_THAT(KeyPartsOf(plan_, host, recipe, package_), Not(Contains(Key("rustflags"))));
  EXPECT_THAT(KeyPartsOf(plan_, target, recipe, package_), Contains(Key("rustflags")));
  recipe.Add("selection.unstable", "host-config");
  EXPECT_THAT(KeyPartsOf(plan_, host, recipe, package_), Contains(Key("rustflags")));
}

TEST_F(UnitKeysTest, TheRestOfTheWorkspaceIsNoPart) {
  const UnitKeyParts parts = Parts(Add("a", UnitKind::kLib, {}));
  EXPECT_THAT(parts, Not(Contains(Key("lock"))));
  EXPECT_THAT(parts, Not(Contains(Key("manifest/app"))));
}

TEST_F(UnitKeysTest, WhatIsLinkedIsKeyedToTheLinker) {
  for (const UnitKind kind :
       {UnitKind::kProcMacro, UnitKind::kScriptBuild, UnitKind::kDynamicLib}) {
    const UnitKeyParts parts = Parts(Add("m", kind, {}));
    for (const char* name :
         {"host.cc", "host.linker", "config.target", "config.host", "env.CARGO_TARGET_X_LINKER"}) {
      EXPECT_THAT(parts, Contains(Key(name)));
    }
    EXPECT_THAT(parts, Not(Contains(Key("host.libc"))));
  }
}

TEST_F(UnitKeysTest, AScriptThatMayCompileNativeCodeIsKeyedToTheWholeHost) {
  for (const char* tool : {"cc", "cmake", "bindgen", "pkg-config", "vcpkg"}) {
    const std::size_t run = AddRun(tool);
    EXPECT_TRUE(IsNative(plan_, run)) << tool;
    EXPECT_FALSE(IsNative(plan_, run - 1)) << tool;
    EXPECT_THAT(Parts(run), Contains(Key("host.libc"))) << tool;
  }
  const std::size_t plain = AddRun("autocfg");
  EXPECT_FALSE(IsNative(plan_, plain));
  EXPECT_THAT(Parts(plain), Not(Contains(Key("host.libc"))));
}

TEST_F(UnitKeysTest, PackagePlaceAndLayoutTellUnitsApart) {
  const std::size_t a = Add("a", UnitKind::kLib, {});
  const UnitKeyParts parts = Parts(a);
  EXPECT_EQ(parts.at("package"), "a\n1.0.0\n" + std::string(kCratesIoSource) + "\nsum");
  plan_.units[a].place.profile_dir = "ci";
  EXPECT_NE(Parts(a).at("place"), parts.at("place"));
  plan_.layout = LayoutKind::kV2;
  EXPECT_NE(Parts(a).at("layout"), parts.at("layout"));
}

}  // namespace
}  // namespace depcache::client
