#include "cache/recipe/root_manifest.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;

LocalPackages Packages(std::string_view root) {
  std::vector<LocalPackage> packages;
  for (const auto& [folder, text] : std::vector<std::pair<std::string, std::string_view>>{
           {"", root},
           {"b", "[package]\nname = 'b'\n[dependencies]\nserde.workspace = true\n"},
           {"a", "[package]\nname = 'a'\n[target.x.dev-dependencies]\nrand.workspace = true\n"},
           {"old", "[package]\nname = 'old'\n"}}) {
    LocalPackage package;
    package.folder = folder;
    package.manifest = *ParseManifest(text);
    package.name = PackageName(package.manifest);
    package.is_member = folder != "old";
    packages.push_back(std::move(package));
  }
  absl::StatusOr<LocalPackages> made = LocalPackages::Make(std::move(packages));
  EXPECT_THAT(made, IsOk());
  return *std::move(made);
}

constexpr std::string_view kRoot = R"(
cargo-features = ["x"]
[package]
name = "root"
edition = "2021"
[dependencies]
b.path = "b"
[features]
f = []
[[bin]]
name = "root"
[workspace]
members = ["*"]
exclude = ["old", "older"]
default-members = ["a"]
[workspace.dependencies]
serde = "1"
rand = "1"
unused = "1"
[profile.release]
lto = true
)";

TEST(RootManifestTest, MembersAreListedAndOthersExcluded) {
  EXPECT_EQ(PrintToml(RootManifest(Packages(kRoot), {0, 1, 2, 3}, PlanScope::kWhole)),
            R"(cargo-features = ["x"]

[[bin]]
name = "root"

[dependencies]
b = { path = "b" }

[features]
f = []

[package]
edition = "2021"
name = "root"

[profile]
release = { lto = true }

[workspace]
default-members = ["a"]
dependencies = { rand = "1", serde = "1" }
exclude = ["old"]
members = ["a", "b"]
)");
}

TEST(RootManifestTest, ARootPackageThatNobodyNeedsLeavesItsPackageBehind) {
  EXPECT_EQ(PrintToml(RootManifest(Packages(kRoot), {1}, PlanScope::kNarrowed)),
            R"(cargo-features = ["x"]

[profile]
release = { lto = true }

[workspace]
dependencies = { serde = "1" }
members = ["b"]
resolver = "2"
)");
}

TEST(RootManifestTest, ARootPackageThatIsKeptStays) {
  const TomlTable manifest = RootManifest(Packages(kRoot), {0, 1}, PlanScope::kNarrowed);
  EXPECT_EQ(PackageName(manifest), "root");
  EXPECT_EQ(Find(FindTable(&manifest, "workspace"), "resolver"), nullptr);
  EXPECT_EQ(Find(FindTable(&manifest, "workspace"), "default-members"), nullptr);
}

TEST(RootManifestTest, APackageAloneBecomesARoot) {
  // Otherwise Cargo would look for one in the folders above.
  EXPECT_EQ(PrintToml(RootManifest(Packages("[package]\nname = 'x'\n"), {0, 3}, PlanScope::kWhole)),
            "[package]\nname = \"x\"\n\n[workspace]\nexclude = [\"old\"]\n");
  EXPECT_EQ(PrintToml(RootManifest(Packages("[package]\nname = 'x'\n"), {0}, PlanScope::kWhole)),
            "[package]\nname = \"x\"\n\n[workspace]\n");
}

}  // namespace
}  // namespace depcache
