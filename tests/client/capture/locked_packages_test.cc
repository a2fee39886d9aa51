#include "client/capture/locked_packages.h"

#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

LockedPackages Locked(const std::string& source, const std::string& checksum = "") {
  Lockfile lock;
  lock.packages.push_back({"a", "1.0.0", source, checksum, {}, {}});
  static const MachineFolders folders;
  return LockedPackages(lock, folders);
}

PlannedUnit Spec(const std::string& source, SourceKind kind = SourceKind::kGit) {
  PlannedUnit unit;
  unit.package = {"a", "1.0.0", source, kind};
  return unit;
}

TEST(LockedPackagesTest, ARegistryPackageHasItsChecksum) {
  const std::string source = "registry+https://h/index";
  EXPECT_THAT(Locked(source, "sum").Find(Spec(source, SourceKind::kRegistry)),
              IsOkAndHolds(PackageId{"a", "1.0.0", source, "sum"}));
  EXPECT_THAT(Locked(source).Find(Spec(source, SourceKind::kRegistry)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(LockedPackagesTest, AGitPackageHasItsCommit) {
  const std::string source = "git+https://h/x?branch=main#" + kCommit;
  EXPECT_THAT(Locked(source).Find(Spec("git+https://h/x?branch=main")),
              IsOkAndHolds(PackageId{"a", "1.0.0", source, ""}));
  // Another branch is another source, even at the same commit.
  EXPECT_THAT(Locked(source).Find(Spec("git+https://h/x")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Locked("git+https://h/x").Find(Spec("git+https://h/x")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(LockedPackagesTest, APackageInADirectoryIsItsFilesAndNotItsChecksum) {
  const std::string source = "registry+https://h/index";
  Lockfile lock;
  lock.packages.push_back({"a", "1.0.0", source, "sum", {}, {}});
  MachineFolders folders;
  folders.directory_packages = {{"a", "1.0.0", "/ws/vendor/a", "digest", 7},
                                {"a", "1.0.0", "/ws/vendor/unreadable", "", 0},
                                {"b", "1.0.0", "/ws/vendor/b", "other", 7}};
  const LockedPackages locked(lock, folders);
  PlannedUnit unit = Spec(source, SourceKind::kDirectory);
  unit.package_root = "/ws/vendor/a";
  EXPECT_THAT(locked.Find(unit), IsOkAndHolds(PackageId{"a", "1.0.0", source, "digest"}));
  for (const char* root : {"/ws/vendor/unreadable", "/ws/vendor/b", "/ws/vendor/c", ""}) {
    unit.package_root = root;
    EXPECT_THAT(locked.Find(unit), StatusIs(absl::StatusCode::kFailedPrecondition)) << root;
  }
}

TEST(LockedPackagesTest, AUrlWithSomebodysNameIsNotHandedOn) {
  for (const char* url : {"https://me:secret@h/x", "https://token@h/x", "ssh://me:secret@h/x"}) {
    const std::string source = std::string("git+") + url;
    EXPECT_THAT(Locked(source + "#" + kCommit).Find(Spec(source)),
                StatusIs(absl::StatusCode::kFailedPrecondition))
        << url;
  }
  EXPECT_THAT(Locked("git+ssh://git@h:22/x#" + kCommit).Find(Spec("git+ssh://git@h:22/x")), IsOk());
}

}  // namespace
}  // namespace depcache::client
