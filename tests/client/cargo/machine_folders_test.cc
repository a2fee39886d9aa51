#include "client/cargo/machine_folders.h"

#include "cache/base/files.h"
#include "cache/cargo/git_layout.h"
#include "cache/cargo/registry_layout.h"
#include "tests/support/machine.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::Contains;
using ::testing::Not;
using ::testing::Pair;

const PackageId kSerde = {"serde", "1.0.228", std::string(kCratesIoSource), ""};

TEST(NormalFolderTest, HasNoDotsAndNoSlashAtItsEnd) {
  for (const auto& [path, normal] : {std::pair{"/a/b", "/a/b"}, {"/a/b/", "/a/b"}, {"/a//b//", "/a/b"},
                                     {"/a/./b/.", "/a/b"}, {"/a/c/../b/", "/a/b"}, {"/", "/"},
                                     {"", ""}}) {
    EXPECT_EQ(NormalFolder(path).native(), normal) << path;
  }
}

TEST(IsBelowTest, AFolderAndWhatIsInIt) {
  EXPECT_TRUE(IsBelow("/a", "/a"));
  EXPECT_TRUE(IsBelow("/a/b", "/a"));
  EXPECT_TRUE(IsBelow("/a", "/"));
  EXPECT_FALSE(IsBelow("/ab", "/a"));
  EXPECT_FALSE(IsBelow("/", "/a"));
  EXPECT_FALSE(IsBelow("/a", ""));
}

class LinkedFoldersTest : public ::testing::Test {
 protected:
  LinkedFoldersTest() {
    folder_.Write("real/home/.cargo/config.toml", "");
    std::filesystem::create_symlink(folder_ / "real/home", folder_ / "home");
    std::filesystem::create_symlink("real", folder_ / "link");
    folders_.home = folder_ / "home";
    folders_.cargo_home = folder_ / "home/.cargo";
    folders_.workspace = folder_ / "work";
    folders_.target_dir = folders_.build_dir = folder_ / "link/not yet/target";
    folders_.FindLinks();
  }
  std::string At(const std::string& path) const { return (folder_ / path).native(); }

  const TestFolder folder_;
  MachineFolders folders_;
};

TEST_F(LinkedFoldersTest, AFolderHasItsNameAndWhereItIs) {
  using ::testing::ElementsAre;
  EXPECT_THAT(folders_.NamesOf(At("home/.cargo/registry")),
              ElementsAre(At("home/.cargo/registry"), At("real/home/.cargo/registry")));
  EXPECT_THAT(folders_.NamesOf(folders_.build_dir),
              ElementsAre(At("link/not yet/target"), At("real/not yet/target")));
  EXPECT_THAT(folders_.NamesOf(folders_.workspace), ElementsAre(At("work")));
  EXPECT_THAT(folders_.NamesOf(At("home-of-others")), ElementsAre(At("home-of-others")));
}

TEST_F(LinkedFoldersTest, BothAreRootsAndTheNameIsWritten) {
  const auto roots = folders_.RootsFor(kSerde);
  ASSERT_TRUE(roots.ok());
  const std::string src = "/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/serde-1.0.228";
  for (const std::string& home : {At("home"), At("real/home")}) {
    const auto rooted = ToRooted(home + src + "/lib " + home + "/x", *roots);
    EXPECT_THAT(rooted, IsOkAndHolds(Placeholder(Root::kPackage) + "/lib " +
                                     Placeholder(Root::kHome) + "/x"));
    EXPECT_THAT(FromRooted(*rooted, *roots),
                IsOkAndHolds(At("home") + src + "/lib " + At("home") + "/x"));
  }
}

TEST_F(LinkedFoldersTest, BothAreRemappedAndScannedFor) {
  for (const std::string& folder : {At("home/.cargo"), At("real/home/.cargo"),
                                    At("link/not yet/target"), At("real/not yet/target")}) {
    EXPECT_THAT(folders_.ScanRoots(), Contains(folder));
    EXPECT_THAT(folders_.Remaps(), Contains(Pair(folder, ::testing::_)));
  }
  EXPECT_THAT(folders_.Remaps(), Contains(Pair(At("real/home/.cargo/registry/src"), "/cargo/registry")));
}

TEST(MachineFoldersTest, PackagesLieWhereCargoUnpacksThem) {
  EXPECT_THAT(MachineBelow("/m").PackageRoot(kSerde),
              IsOkAndHolds("/m/home/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/"
                           "serde-1.0.228"));
  EXPECT_THAT(MachineBelow("/m").RegistrySrc("git+https://h/x"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

constexpr const char* kGitSource =
    "git+https://h/x?branch=main#0123456789abcdef0123456789abcdef01234567";

TEST(MachineFoldersTest, AGitPackageIsItsWholeCheckout) {
  const TestFolder folder;
  const MachineFolders folders = MachineBelow(folder.path());
  const std::string name = *GitDirName("https://h/x");
  EXPECT_THAT(folders.GitRepository(kGitSource), IsOkAndHolds(folders.cargo_home / "git/db" / name));
  const auto checkouts = folders.cargo_home / "git/checkouts" / name;
  EXPECT_THAT(folders.PackageRoot({"a", "1.0.0", kGitSource, ""}),
              IsOkAndHolds(checkouts / "0123456"));
  EXPECT_THAT(folders.GitCheckout("git+https://h/x"), StatusIs(absl::StatusCode::kInvalidArgument));
  // A repository where seven digits do not tell; other commits lie beside.
  for (const char* other : {"0123456", "0123456789", "0123456aaa", "fedcba9"}) {
    ASSERT_THAT(CreateDirectories(checkouts / other), IsOk());
  }
  EXPECT_THAT(folders.GitCheckout(kGitSource), IsOkAndHolds(checkouts / "0123456789"));
}

TEST(MachineFoldersTest, PathsOfAGitPackageAreRootedInTheCheckout) {
  const MachineFolders folders = MachineBelow("/m");
  const absl::StatusOr<RootMap> roots = folders.RootsFor({"a", "1.0.0", kGitSource, ""});
  ASSERT_THAT(roots, IsOk());
  EXPECT_EQ(roots->PathOf(Root::kPackage), folders.GitCheckout(kGitSource)->native());
  EXPECT_EQ(roots->PathOf(Root::kRegistrySrc), std::nullopt);
}

// A package is in a directory source where its files are, not where its
// checksum says that they should be.
TEST(MachineFoldersTest, AVendoredPackageIsFoundByItsFiles) {
  MachineFolders folders = MachineBelow("/m");
  folders.directory_packages = {{"serde", "1.0.228", "/m/home/shop/vendor/serde", "digest", 7}};
  PackageId package = kSerde;
  package.checksum = "digest";
  EXPECT_THAT(folders.PackageRoot(package), IsOkAndHolds("/m/home/shop/vendor/serde"));
  EXPECT_EQ(folders.RootsFor(package)->PathOf(Root::kPackage), "/m/home/shop/vendor/serde");
  EXPECT_EQ(folders.RootsFor(package)->PathOf(Root::kRegistrySrc), std::nullopt);
  EXPECT_TRUE(folders.IsInDirectory("serde", "1.0.228"));
  EXPECT_FALSE(folders.IsInDirectory("serde", "1.0.229"));
  for (const char* checksum : {"other", ""}) {
    package.checksum = checksum;
    EXPECT_THAT(folders.PackageRoot(package),
                IsOkAndHolds(*MachineBelow("/m").PackageRoot(kSerde)));
  }
  EXPECT_THAT(folders.Remaps(), Contains(Pair("/m/home/shop/vendor", "/cargo/vendor")));
  EXPECT_THAT(folders.ScanRoots(), Contains("/m/home/shop/vendor"));
}

TEST(MachineFoldersTest, RemapsGoFromShortToLong) {
  const auto remaps = MachineBelow("/m").Remaps();
  for (std::size_t i = 1; i < remaps.size(); ++i) {
    EXPECT_LE(remaps[i - 1].first.size(), remaps[i].first.size()) << remaps[i].first;
  }
  EXPECT_THAT(remaps, Contains(Pair("/m/home/.cargo/registry/src", "/cargo/registry")));
  EXPECT_THAT(remaps, Contains(Pair("/m/home/shop", ".")));
}

TEST(MachineFoldersTest, OfEqualFoldersTheMoreParticularRemapWins) {
  const auto remaps = MachineBelow("/m").Remaps();
  std::string last;
  for (const auto& [from, to] : remaps) {
    if (from == "/m/home/shop/target") last = to;
  }
  EXPECT_EQ(last, "/cargo/build-dir");
}

TEST(MachineFoldersTest, UnknownFoldersAndTheRootOfAllAreNotRemapped) {
  MachineFolders folders = MachineBelow("/m");
  folders.home = "/";
  folders.rustup_home.clear();
  for (const auto& [from, to] : folders.Remaps()) {
    EXPECT_GT(from.size(), 1U) << to;
  }
}

// rustc's rule: of the remaps that match, the last one given is applied.
std::string Remapped(const MachineFolders& folders, const std::string& path) {
  std::string mapped = path;
  for (const auto& [from, to] : folders.Remaps()) {
    if (path == from || path.starts_with(from + "/")) mapped = to + path.substr(from.size());
  }
  return mapped;
}

TEST(MachineFoldersTest, APathIsTheSameTextOnEveryMachine) {
  MachineFolders other = MachineBelow("/somewhere/else/altogether");
  other.cargo_home = "/opt/cargo";
  const MachineFolders here = MachineBelow("/m");
  EXPECT_EQ(Remapped(here, (here.cargo_home / "registry/src/x/a-1.0.0/src/lib.rs").native()),
            Remapped(other, (other.cargo_home / "registry/src/x/a-1.0.0/src/lib.rs").native()));
  EXPECT_EQ(Remapped(here, (here.build_dir / "debug/build/z-1/out/z.rs").native()),
            Remapped(other, (other.build_dir / "debug/build/z-1/out/z.rs").native()));
}

TEST(MachineFoldersTest, RootsOfAPackageNameItBeforeItsRegistry) {
  const MachineFolders folders = MachineBelow("/m");
  const auto roots = folders.RootsFor(kSerde);
  ASSERT_THAT(roots, IsOk());
  const std::string file = folders.PackageRoot(kSerde)->native() + "/src/lib.rs";
  EXPECT_THAT(ToRooted(file, *roots), IsOkAndHolds(Placeholder(Root::kPackage) + "/src/lib.rs"));
  EXPECT_THAT(FromRooted(Placeholder(Root::kCargoHome), *roots),
              IsOkAndHolds(folders.cargo_home.native()));
}

TEST(MachineFoldersTest, TheScanLooksForEveryFolderOnceButNotForAShortTemporaryOne) {
  MachineFolders folders = MachineBelow("/m");
  folders.temp = "/tmp";
  const std::vector<std::string> roots = folders.ScanRoots();
  EXPECT_THAT(roots, Contains("/m/home/shop/target").Times(1));
  EXPECT_THAT(roots, Contains("/m/home/.rustup/toolchains/stable"));
  EXPECT_THAT(roots, Not(Contains("/tmp")));
  EXPECT_THAT(roots, Not(Contains("")));
  folders.temp = "/var/tmp/job-17";
  EXPECT_THAT(folders.ScanRoots(), Contains("/var/tmp/job-17"));
  EXPECT_TRUE(folders.CommonRoots().PathOf(Root::kTemp));
}

}  // namespace
}  // namespace depcache::client
