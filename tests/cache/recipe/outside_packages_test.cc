#include "cache/recipe/outside_packages.h"

#include <gmock/gmock.h>

#include "cache/recipe/manifest.h"
#include "cache/recipe/toml_text.h"

namespace depcache {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Places kPlaces("/home/ann/work");

std::string Rewritten(std::string_view folder, std::string_view text) {
  TomlTable manifest = *ParseToml(text);
  kPlaces.Rewrite(manifest, folder);
  return PrintToml(manifest);
}

TEST(SkeletonPathTest, WhatLiesAboveTheRootStandsInAFolderBelowIt) {
  EXPECT_EQ(SkeletonPath("a/Cargo.toml"), "a/Cargo.toml");
  EXPECT_EQ(SkeletonPath("../far/Cargo.toml"), ".outside/1/far/Cargo.toml");
  EXPECT_EQ(SkeletonPath("../../Cargo.toml"), ".outside/2/Cargo.toml");
  for (const char* path : {"Cargo.toml", "a/b", "../far/x", "../../../x", "../.outside/1/x"}) {
    EXPECT_EQ(RealPath(SkeletonPath(path)), path);
  }
}

TEST(SkeletonPathTest, WhatNobodyWroteHasARealPathToo) {
  for (const char* path : {".outside", ".outside/", ".outside/x/y", ".outside/99999999999/y"}) {
    EXPECT_THAT(RealPath(path), Not(HasSubstr("/../"))) << path;
  }
  EXPECT_FALSE(IsOutside(".outsider/1/x"));
}

TEST(PlacesTest, PathsLeadWhereTheFileSystemWouldLeadThem) {
  EXPECT_EQ(kPlaces.Resolve("a", "../b"), "b");
  EXPECT_EQ(kPlaces.Resolve("a", "../../far"), ".outside/1/far");
  EXPECT_EQ(kPlaces.Resolve("", "../work/b/"), "b");
  EXPECT_EQ(kPlaces.Resolve("", "/home/ann/work/b"), "b");
  EXPECT_EQ(kPlaces.Resolve("", "/home/ann/far"), ".outside/1/far");
  EXPECT_EQ(kPlaces.Resolve("", "/srv/far"), ".outside/3/srv/far");
  EXPECT_EQ(kPlaces.Resolve(".outside/1/far", "../near"), ".outside/1/near");
  EXPECT_EQ(kPlaces.Resolve(".outside/1/far", "../../bob/x"), ".outside/2/bob/x");
  EXPECT_EQ(kPlaces.Resolve(".outside/1/far", "../work/a"), "a");
  EXPECT_EQ(kPlaces.Resolve(".outside/1/far", "../work"), "");
}

TEST(PlacesTest, WithoutARootNothingMayLieOutside) {
  const Places places("");
  EXPECT_EQ(places.Resolve("a", "../b"), "b");
  EXPECT_EQ(places.Resolve("a", "../../far"), std::nullopt);
  EXPECT_EQ(places.Resolve("a", "/srv/far"), std::nullopt);
}

TEST(PlacesTest, PathsInManifestsLeadToWhereThingsStandInTheSkeleton) {
  const std::string rewritten = Rewritten("crates/a", R"(
[dependencies]
inside = { path = ".././b" }
far = { path = "../../../far", features = ["x"] }
itoa = "1"
[target.'cfg(unix)'.build-dependencies]
tool = { path = "/srv/tool" }
)");
  EXPECT_THAT(rewritten, HasSubstr("inside = { path = \".././b\" }"));
  EXPECT_THAT(rewritten, HasSubstr("path = \"../../.outside/1/far\""));
  EXPECT_THAT(rewritten, HasSubstr("path = \"../../.outside/3/srv/tool\""));
}

TEST(PlacesTest, SoDoThoseOfARootAndOfPackagesOutside) {
  EXPECT_THAT(Rewritten("", R"(
[workspace.dependencies]
far.path = "../far"
[patch.crates-io]
itoa.path = "../itoa"
[replace]
"libc:0.2.1" = { path = "../libc" }
)"),
              ::testing::AllOf(HasSubstr("\".outside/1/far\""), HasSubstr("\".outside/1/itoa\""),
                               HasSubstr("\".outside/1/libc\"")));
  EXPECT_THAT(Rewritten(".outside/2/x",
                        "[dependencies]\nhome.path = \"../ann/work/a\"\n"
                        "near.path = \"../near\"\n"),
              ::testing::AllOf(HasSubstr("\"../../../a\""), HasSubstr("\"../near\"")));
}

TEST(PlacesTest, SoDoSourcesOfTargets) {
  const char* const text = R"(
[package]
build = "../../build.rs"
[lib]
path = "../../../far/lib.rs"
[[bin]]
path = "../src/main.rs"
[[test]]
path = "../../../t.rs"
)";
  const std::string inside = Rewritten("crates/a", text);
  EXPECT_THAT(inside, HasSubstr("build = \"../../build.rs\""));
  EXPECT_THAT(inside, HasSubstr("path = \"../../.outside/1/far/lib.rs\""));
  EXPECT_THAT(inside, HasSubstr("path = \"../src/main.rs\""));
  EXPECT_THAT(inside, HasSubstr("path = \"../../.outside/1/t.rs\""));
  EXPECT_THAT(Rewritten(".outside/1/a", text), HasSubstr("path = \"../../3/far/lib.rs\""));
}

TEST(PlacesTest, APackageOutsideFindsItsRootAboveIt) {
  const char* const text = "[package]\nname = \"a\"\nworkspace = \"../work\"\n";
  EXPECT_EQ(Rewritten(".outside/1/a", text), "[package]\nname = \"a\"\n");
  EXPECT_EQ(Rewritten("a", text), "[package]\nname = \"a\"\nworkspace = \"../work\"\n");
}

TEST(SettleTest, WhatIsInheritedIsWrittenOut) {
  TomlTable manifest = *ParseManifest(R"(
[package]
name = "far"
edition.workspace = true
[dependencies]
serde = { workspace = true, features = ["rc"], optional = true }
log = { workspace = true, default-features = true }
fnv = { workspace = true, default-features = false }
near.workspace = true
far-off.workspace = true
own = "2"
)");
  const TomlTable workspace = *ParseManifest(R"(
[workspace.package]
edition = "2021"
[workspace.dependencies]
serde = { version = "1", features = ["derive"] }
log = { version = "0.4", default-features = false }
fnv = "1"
near = { path = "near" }
far-off = { path = "/srv/far-off" }
)");
  EXPECT_TRUE(Inherits(manifest));
  kPlaces.Settle(manifest, ".outside/1/libs/far", &workspace, ".outside/1/libs");
  EXPECT_FALSE(Inherits(manifest));
  EXPECT_EQ(PrintToml(manifest), R"([dependencies]
far-off = { path = "../../../../srv/far-off" }
fnv = { version = "1" }
log = { version = "0.4" }
near = { path = "../near" }
own = "2"
serde = { features = ["derive", "rc"], optional = true, version = "1" }

[package]
edition = "2021"
name = "far"
)");
}

TEST(SettleTest, WhatOnlyARootMaySayGoes) {
  TomlTable manifest = *ParseManifest(R"(
[package]
name = "far"
[workspace]
members = ["x"]
[patch.crates-io]
itoa.path = "itoa"
[profile.dev]
debug = 0
)");
  kPlaces.Settle(manifest, ".outside/1/far", nullptr, "");
  EXPECT_EQ(PrintToml(manifest), "[package]\nname = \"far\"\n");
}

}  // namespace
}  // namespace depcache
