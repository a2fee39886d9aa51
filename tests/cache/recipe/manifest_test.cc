#include "cache/recipe/manifest.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;

TomlTable Parsed(std::string_view text) {
  absl::StatusOr<TomlTable> manifest = ParseManifest(text);
  EXPECT_THAT(manifest, IsOk());
  return manifest.ok() ? *std::move(manifest) : TomlTable();
}

TEST(ManifestTest, EveryDependencyTableIsListed) {
  const TomlTable manifest = Parsed(R"(
[package]
name = "a"
[dependencies]
one = "1"
[dev-dependencies]
two = { path = "../two", package = "zwei" }
[build-dependencies]
three = { workspace = true }
[target.'cfg(unix)'.dependencies]
four = "1"
[workspace.dependencies]
five = "1"
[patch.crates-io]
six = { path = "six" }
[replace]
"seven:1.0.0" = { path = "seven" }
)");
  std::vector<std::string> found;
  for (const DependencyEntry& entry : DependencyEntries(manifest)) {
    found.push_back(entry.where + "|" + *entry.key + "|" + entry.PackageName() +
                    (entry.Path() != nullptr ? "|" + *entry.Path() : "") +
                    (entry.IsInherited() ? "|inherited" : ""));
  }
  EXPECT_THAT(found, ElementsAre("build-dependencies|three|three|inherited", "dependencies|one|one",
                                 "dev-dependencies|two|zwei|../two",
                                 "target.\"cfg(unix)\".dependencies|four|four",
                                 "workspace.dependencies|five|five", "patch.crates-io|six|six|six",
                                 "replace|seven:1.0.0|seven:1.0.0|seven"));
}

TEST(ManifestTest, OldSpellingsBecomeNewOnes) {
  const TomlTable old_form = Parsed(R"(
[project]
name = "a"
[lib]
crate_type = ["cdylib"]
proc_macro = false
[dev_dependencies]
b = { version = "1", default_features = false }
[target.x.build_dependencies]
c = "1"
[[test]]
name = "t"
crate_type = ["bin"]
)");
  const TomlTable new_form = Parsed(R"(
[package]
name = "a"
[lib]
crate-type = ["cdylib"]
proc-macro = false
[dev-dependencies]
b = { version = "1", default-features = false }
[target.x.build-dependencies]
c = "1"
[[test]]
name = "t"
crate-type = ["bin"]
)");
  EXPECT_EQ(PrintToml(old_form), PrintToml(new_form));
}

TEST(ManifestTest, TheNewSpellingWinsWhereBothStand) {
  const TomlTable manifest =
      Parsed("[dev_dependencies]\na = \"1\"\n[dev-dependencies]\nb = \"2\"\n");
  EXPECT_EQ(PrintToml(manifest), "[dev-dependencies]\nb = \"2\"\n");
}

TEST(ManifestTest, FieldsAreInheritedFromTheWorkspace) {
  const TomlTable root = Parsed("[workspace.package]\nversion = \"4.5.6\"\nedition = \"2021\"\n");
  const TomlTable member =
      Parsed("[package]\nname = \"a\"\nversion.workspace = true\nedition = \"2018\"\n");
  EXPECT_EQ(*PackageField(member, root, "version")->AsString(), "4.5.6");
  EXPECT_EQ(*PackageField(member, root, "edition")->AsString(), "2018");
  EXPECT_EQ(PackageField(member, root, "links"), nullptr);
  EXPECT_EQ(PackageField(member, member, "version"), nullptr);
}

TEST(ManifestTest, TheResolverFollowsFromTheEditionUnlessStated) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"[workspace]\n", "1"},
      {"[workspace]\nresolver = \"3\"\n", "3"},
      {"[package]\nname = \"a\"\n", "1"},
      {"[package]\nname = \"a\"\nedition = \"2018\"\n", "1"},
      {"[package]\nname = \"a\"\nedition = \"2021\"\n", "2"},
      {"[package]\nname = \"a\"\nedition = \"2024\"\n", "3"},
      {"[package]\nname = \"a\"\nedition = \"2024\"\nresolver = \"1\"\n", "1"},
      {"[package]\nname = \"a\"\nedition.workspace = true\n[workspace.package]\nedition = "
       "\"2021\"\n",
       "2"},
  };
  for (const auto& [text, resolver] : cases) {
    EXPECT_EQ(EffectiveResolver(Parsed(text)), resolver) << text;
  }
}

TEST(ManifestTest, WhatIsNoManifestIsRefused) {
  for (const std::string_view text :
       {"package = 1", "[package]\nversion = \"1\"", "[package]\nname = \"a b\"",
        "[package]\nname = \"../x\"", "[package]\nname = \"\"", "workspace = []", "[package"}) {
    EXPECT_THAT(ParseManifest(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

}  // namespace
}  // namespace depcache
