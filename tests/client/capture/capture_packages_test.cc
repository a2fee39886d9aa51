#include "client/capture/capture_packages.h"

#include "cache/cargo/index_cache.h"
#include "cache/cargo/registry_layout.h"
#include "client/cargo/source_ids.h"
#include "tests/client/capture/disk_units.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::DiskUnits;
using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CapturePackagesTest : public ::testing::Test {
 protected:
  PackageId Add(const std::string& name) {
    units_.AddPackage(name);
    const LockedPackage& locked = units_.lock.packages.back();
    return {locked.name, locked.version, locked.source, locked.checksum};
  }
  std::filesystem::path Registry(const char* what) {
    return units_.folders.cargo_home / "registry" / what / *RegistryDirName(kCratesIoSource);
  }
  static std::string Line(const PackageId& package) {
    return fmt::format(R"({{"name":"{}","vers":"{}","deps":[],"cksum":"{}","features":{{}}}})",
                       package.name, package.version, package.checksum);
  }
  void WriteIndex(const PackageId& package, const std::string& line) {
    DiskUnits::Put(Registry("index") / ".cache" / *IndexPath(package.name),
                   Serialize(IndexCache{"etag: x", {{package.version, line}}}));
  }
  DiskUnits units_;
};

TEST_F(CapturePackagesTest, IndexLineAndCrateAreTakenAndCanBeSent) {
  const PackageId serde = Add("serde");
  WriteIndex(serde, Line(serde));
  const auto packages = CapturePackages(units_.lock, {serde}, units_.folders);
  ASSERT_THAT(packages, SizeIs(1));
  EXPECT_EQ(packages[0].record.index_line, Line(serde));
  ASSERT_THAT(packages[0].blobs, SizeIs(2));
  EXPECT_EQ(HashAs<BlobHash>(*ReadBlob(packages[0].blobs[0])).ToHex(), serde.checksum);
  EXPECT_THAT(DecodePackageRecord(*ReadBlob(packages[0].blobs[1])),
              IsOkAndHolds(packages[0].record));
}

TEST_F(CapturePackagesTest, WithoutNeedTheCrateIsLeftOut) {
  const PackageId serde = Add("serde");
  WriteIndex(serde, Line(serde));
  const auto packages = CapturePackages(units_.lock, {}, units_.folders);
  ASSERT_THAT(packages, SizeIs(1));
  EXPECT_THAT(packages[0].record.crate, IsEmpty());
}

TEST_F(CapturePackagesTest, ACrateThatIsNotTheLocksIsLeftOut) {
  const PackageId serde = Add("serde");
  DiskUnits::Put(Registry("cache") / "serde-1.0.0.crate", "edited");
  EXPECT_THAT(CapturePackages(units_.lock, {serde}, units_.folders), IsEmpty());
}

TEST_F(CapturePackagesTest, AnIndexLineOfAnotherChecksumIsLeftOut) {
  const PackageId serde = Add("serde");
  PackageId other = serde;
  other.checksum = std::string(64, 'f');
  WriteIndex(serde, Line(other));
  const auto packages = CapturePackages(units_.lock, {serde}, units_.folders);
  ASSERT_THAT(packages, SizeIs(1));
  EXPECT_EQ(packages[0].record.index_line, "");
  EXPECT_THAT(packages[0].record.crate, SizeIs(1));
}

TEST_F(CapturePackagesTest, AnotherRegistryComesWithWhatOfItsConfigurationMayTravel) {
  const std::string source = "sparse+https://my.example/index/";
  units_.lock.packages = {{"mine", "1.0.0", source, std::string(64, 'a'), {}, {}}};
  const std::filesystem::path index = units_.folders.cargo_home / "registry/index" / *RegistryDirName(source);
  DiskUnits::Put(index / ".cache/mi/ne/mine",
                 Serialize(IndexCache{"etag: x", {{"1.0.0", Line({"mine", "1.0.0", source, std::string(64, 'a')})}}}));
  EXPECT_THAT(CapturePackages(units_.lock, {}, units_.folders), SizeIs(1));
  DiskUnits::Put(index / "config.json", R"({"dl":"https://my.example/dl","api":"https://my.example"})");
  const auto packages = CapturePackages(units_.lock, {}, units_.folders);
  ASSERT_THAT(packages, SizeIs(2));
  EXPECT_EQ(packages[1].record.package, *RegistryConfigId(source));
  EXPECT_EQ(packages[1].record.index_line, R"({"dl":"https://my.example/dl"})");
}

TEST_F(CapturePackagesTest, OnlyRegistryPackagesCount) {
  units_.lock.packages.push_back({"app", "0.1.0", "", "", {}, {}});
  units_.lock.packages.push_back({"g", "0.1.0", "git+https://h/x", std::string(64, 'a'), {}, {}});
  EXPECT_THAT(CapturePackages(units_.lock, {}, units_.folders), IsEmpty());
}

}  // namespace
}  // namespace depcache::client
