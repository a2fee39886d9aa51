#include "client/capture/capture_packages.h"
#include "tests/client/capture/disk_units.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::DiskUnits;
using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;

class CheckSourcesTest : public ::testing::Test {
 protected:
  CheckSourcesTest() {
    units_.AddPackage("serde");
    package_ = {"serde", "1.0.0", std::string(kCratesIoSource), units_.lock.packages[0].checksum};
    root_ = *units_.folders.PackageRoot(package_);
    crate_ = units_.folders.cargo_home / "registry/cache" / root_.parent_path().filename() /
             "serde-1.0.0.crate";
  }
  void ExpectRefused(const std::string& why) {
    const absl::Status status = CheckSources(package_, units_.folders);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(status.ToString(), HasSubstr(why));
  }
  DiskUnits units_;
  PackageId package_;
  fs::path root_;
  fs::path crate_;
};

TEST_F(CheckSourcesTest, WhatCargoUnpackedIsRight) {
  EXPECT_THAT(CheckSources(package_, units_.folders), IsOk());
}

TEST_F(CheckSourcesTest, AnyEditIsSeen) {
  const std::string text = *ReadFile(root_ / "src/lib.rs", 1000);
  for (const std::string& edited :
       {text + "// more", text.substr(1), std::string(), "x" + text.substr(1)}) {
    DiskUnits::Put(root_ / "src/lib.rs", edited);
    ExpectRefused("src/lib.rs was edited");
  }
  DiskUnits::Put(root_ / "src/lib.rs", text);
  EXPECT_THAT(CheckSources(package_, units_.folders), IsOk());
}

TEST_F(CheckSourcesTest, AFileTooManyOrTooFewIsSeen) {
  DiskUnits::Put(root_ / "src/extra.rs", "");
  ExpectRefused("src/extra.rs is not part of the package");
  fs::remove(root_ / "src/extra.rs");
  fs::create_symlink("lib.rs", root_ / "src/link.rs");
  ExpectRefused("src/link.rs is not part of the package");
  fs::remove(root_ / "src/link.rs");
  fs::remove(root_ / "src/lib.rs");
  ExpectRefused("src/lib.rs is missing");
}

TEST_F(CheckSourcesTest, WithoutItsCrateNothingCanBeSaid) {
  fs::remove(crate_);
  EXPECT_THAT(CheckSources(package_, units_.folders), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CheckSourcesTest, ADamagedCrateIsNoProof) {
  const std::string bytes = *ReadFile(crate_, 1 << 20);
  for (const std::size_t size : {bytes.size() / 2, bytes.size() - 9, std::size_t{20}}) {
    DiskUnits::Put(crate_, bytes.substr(0, size));
    EXPECT_FALSE(CheckSources(package_, units_.folders).ok()) << size;
  }
  DiskUnits::Put(crate_, "");
  EXPECT_FALSE(CheckSources(package_, units_.folders).ok());
}

// A .crate that is whole, but not the one of the lock, proves nothing.
TEST_F(CheckSourcesTest, ACrateOfAnotherChecksumIsNoProof) {
  package_.checksum = std::string(64, 'f');
  EXPECT_FALSE(CheckSources(package_, units_.folders).ok());
}

}  // namespace
}  // namespace depcache::client
