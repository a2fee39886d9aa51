#include "cache/recipe/manifest_mask.h"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::ExpectMatchesGolden;
using ::depcache::testing::IsOk;

std::string Masked(std::string_view text, std::string_view version = kMaskedVersion) {
  absl::StatusOr<TomlTable> manifest = ParseManifest(text);
  EXPECT_THAT(manifest, IsOk()) << text;
  if (!manifest.ok()) return "";
  MaskManifest(*manifest, version);
  return PrintToml(*manifest);
}

// Every key that is dropped, every one that is kept, and some that no Cargo
// has yet.
constexpr std::string_view kFullManifest = R"(
cargo-features = ["profile-rustflags"]
from-the-future = { a = 1 }

[package]
name = "everything"
version = "7.8.9"
edition = "2021"
rust-version = "1.80"
authors = ["Ann <ann@example.com>"]
description = "all keys"
documentation = "https://example.com"
readme = "README.md"
homepage = "https://example.com"
repository = "https://example.com"
license = "MIT"
license-file = "LICENSE"
keywords = ["a"]
categories = ["b"]
workspace = "../.."
build = "build.rs"
links = "z"
exclude = ["x"]
include = ["y"]
publish = false
metadata.docs.rs = { all-features = true }
default-run = "one"
autobins = false
resolver = "2"
future-key = 1

[lib]
name = "everything"
path = "src/lib.rs"
crate-type = ["lib", "cdylib"]

[[bin]]
name = "two"
path = "src/two.rs"
required-features = ["f"]

[[bin]]
name = "one"
path = "src/one.rs"

[badges.maintenance]
status = "none"

[lints.rust]
unsafe_code = "forbid"

[features]
default = ["f"]
f = ["dep:libc"]

[dependencies]
registry = "1.2"
local = { path = "../local", version = "1.2", features = ["x"], default-features = false }
renamed = { path = "../other", version = "=3.0.0", package = "other", optional = true, public = true }
git = { git = "https://example.com/git", version = "1" }
inherited = { workspace = true, features = ["y"] }

[dev-dependencies]
local = { path = "../local", version = "1.2" }

[build-dependencies]
local = { path = "../local", version = "1.2" }

[target.'cfg(windows)'.dependencies]
local = { path = "../local", version = "1.2" }

[target.x86_64-unknown-linux-gnu.dev-dependencies]
local = { path = "../local", version = "1.2" }

[workspace]
members = ["a"]
lints.rust.unsafe_code = "forbid"
metadata.x = 1

[workspace.package]
version = "1.0.0"
edition = "2021"
authors = ["Ann"]
license = "MIT"
publish = false

[workspace.dependencies]
local = { path = "local", version = "1.2" }
serde = { version = "1", features = ["derive"] }

[patch.crates-io]
patched = { path = "patched", version = "1.2.3" }

[replace]
"old:0.1.0" = { path = "old", version = "0.1.0" }

[profile.release]
lto = true

[profile.release.package."*"]
opt-level = 2
)";

TEST(ManifestMaskTest, OnlyWhatDependenciesNeedStays) {
  ExpectMatchesGolden("recipe/masked_manifest.toml", Masked(kFullManifest));
}

TEST(ManifestMaskTest, MaskingTwiceChangesNothing) {
  const std::string once = Masked(kFullManifest);
  EXPECT_EQ(Masked(once), once);
}

TEST(ManifestMaskTest, AnyVersionBecomesTheMaskedOne) {
  const std::string masked = Masked("[package]\nname = \"a\"\nversion = \"1.2.3\"\n");
  EXPECT_EQ(masked, "[package]\nname = \"a\"\nversion = \"0.0.1\"\n");
  EXPECT_EQ(Masked("[package]\nname = \"a\"\n"), masked);
  EXPECT_EQ(Masked("[package]\nname = \"a\"\nversion.workspace = true\n"), masked);
  EXPECT_EQ(Masked("[package]\nname = \"a\"\nversion = \"1\"\n", "2.0.0"),
            "[package]\nname = \"a\"\nversion = \"2.0.0\"\n");
}

TEST(ManifestMaskTest, ARootWithoutAPackageGetsNone) {
  EXPECT_EQ(Masked("[workspace]\nmembers = [\"a\"]\n"), "[workspace]\nmembers = [\"a\"]\n");
  EXPECT_EQ(Masked("[workspace.package]\nversion = \"1\"\n[workspace.lints.rust]\na = \"b\"\n"),
            "[workspace]\n");
}

}  // namespace
}  // namespace depcache
