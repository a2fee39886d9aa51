#include "cache/recipe/local_packages.h"

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
using ::testing::HasSubstr;
using ::testing::IsEmpty;

LocalPackage Package(std::string folder, std::string_view text, bool is_member = true) {
  absl::StatusOr<TomlTable> manifest = ParseManifest(text);
  EXPECT_THAT(manifest, IsOk()) << text;
  LocalPackage package;
  package.folder = std::move(folder);
  package.manifest = *std::move(manifest);
  package.name = PackageName(package.manifest);
  package.is_member = is_member;
  return package;
}

LocalPackages Packages(std::vector<LocalPackage> packages) {
  absl::StatusOr<LocalPackages> made = LocalPackages::Make(std::move(packages));
  EXPECT_THAT(made, IsOk());
  return *std::move(made);
}

// 0 root, 1 a -> b (build) -> c (target), a -> d (dev, inherited); e alone, no
// member, with a dev-dependency.
LocalPackages Sample() {
  return Packages({
      Package("",
              "[workspace]\n[workspace.dependencies]\ndee = { path = 'libs/d', package = 'd' }\n"),
      Package("a",
              "[package]\nname = 'a'\nversion = '1.0.0'\n[build-dependencies]\n"
              "b.path = '../b'\n[dev-dependencies]\ndee.workspace = true\n"),
      Package("b",
              "[package]\nname = 'b'\n[target.'cfg(unix)'.dependencies]\nc.path = './../c/'\n"),
      Package("c", "[package]\nname = 'c'\n[dependencies]\nserde = '1'\n"),
      Package("libs/d",
              "[package]\nname = 'd'\n[dependencies]\na = { path = '../../a', optional = true }\n"),
      Package("e", "[package]\nname = 'e'\n[dev-dependencies]\ngone.path = '../gone'\n", false),
  });
}

TEST(LocalPackagesTest, TheClosureFollowsPathsOfEveryKind) {
  const LocalPackages packages = Sample();
  const auto closure = [&packages](PackageSet roots) {
    const auto reached = packages.Closure(roots);
    EXPECT_THAT(reached, IsOk());
    EXPECT_THAT(reached->missing, IsEmpty());
    return reached->packages;
  };
  EXPECT_THAT(closure({1}), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(closure({2}), ElementsAre(2, 3));
  EXPECT_THAT(closure({4}), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(closure({}), IsEmpty());
  // Cargo does not read dev-dependencies of what is no member.
  EXPECT_THAT(closure({5}), ElementsAre(5));
}

TEST(LocalPackagesTest, APathWithoutAManifestIsMissing) {
  const LocalPackages packages =
      Packages({Package("", "[package]\nname = 'r'\n[dependencies]\nx.path = 'libs/x'\n")});
  const auto reached = packages.Closure({0});
  ASSERT_THAT(reached, IsOk());
  EXPECT_THAT(reached->missing,
              ElementsAre(LocalPackages::Missing{"libs/x", "Cargo.toml", "dependencies.x"}));
}

TEST(LocalPackagesTest, APathOutsideTheRootIsAnErrorThatNamesIt) {
  for (const std::string_view path : {"../../x", "/x", "../../../work/a"}) {
    const LocalPackages packages =
        Packages({Package("", "[workspace]\n"),
                  Package("a", "[package]\nname = 'a'\n[dependencies]\nx.path = '" +
                                   std::string(path) + "'\n")});
    const absl::Status status = packages.Closure({1}).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(status.ToString(), HasSubstr("a/Cargo.toml: dependencies.x"));
    EXPECT_THAT(status.ToString(), HasSubstr(path));
    // What nobody selected does not disturb.
    EXPECT_THAT(packages.Closure({0}), IsOk());
  }
}

TEST(LocalPackagesTest, APackageIsFoundByItsFolder) {
  const LocalPackages packages = Sample();
  EXPECT_EQ(packages.At("libs/d"), 4U);
  EXPECT_EQ(packages.At(""), 0U);
  EXPECT_EQ(packages.At("libs"), std::nullopt);
  EXPECT_THAT(packages.Members(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(packages[4].ManifestPath(), "libs/d/Cargo.toml");
  EXPECT_EQ(packages.root().ManifestPath(), "Cargo.toml");
}

TEST(LocalPackagesTest, ARepeatedNameGetsItsVersion) {
  const LocalPackages packages = Packages({
      Package("", "[workspace.package]\nversion = '7.0.0'\n"),
      Package("a", "[package]\nname = 'x'\nversion = '1.0.0'\n"),
      Package("b", "[package]\nname = 'x'\nversion.workspace = true\n"),
      Package("c", "[package]\nname = 'y'\nversion = '1.0.0'\n"),
      Package("d", "[package]\nname = 'z'\n"),
  });
  EXPECT_THAT(packages.repeated_names(), ElementsAre("x"));
  EXPECT_EQ(packages.IdOf(1), "x@1.0.0");
  EXPECT_EQ(packages.IdOf(2), "x@7.0.0");
  EXPECT_EQ(packages.IdOf(3), "y");
  EXPECT_EQ(packages.VersionOf(packages[4]), "0.0.0");
}

TEST(LocalPackagesTest, AFolderTwiceOrNoRootIsRefused) {
  EXPECT_THAT(LocalPackages::Make({Package("a", "[package]\nname = 'a'\n")}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(LocalPackages::Make({Package("", ""), Package("", "")}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(FolderListTest, FoldersAreListedByPathOrPattern) {
  const auto manifest =
      ParseManifest("workspace.members = ['./a/', 'crates/*', 'x/**/y', 'l[12]', '../out']\n");
  ASSERT_THAT(manifest, IsOk());
  const FolderList members(*manifest, "members");
  for (const std::string folder : {"a", "crates/b", "l1", "x/y", "x/z/y", "x/z/z/y"}) {
    EXPECT_TRUE(members.Contains(folder)) << folder;
  }
  for (const std::string folder : {"", "b", "crates", "crates/b/c", "l3", "out", "x/z", "x/ay"}) {
    EXPECT_FALSE(members.Contains(folder)) << folder;
  }
  EXPECT_FALSE(FolderList(*manifest, "default-members").Contains("a"));
}

}  // namespace
}  // namespace depcache
