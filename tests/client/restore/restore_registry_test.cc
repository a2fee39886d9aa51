#include "client/restore/restore_registry.h"

#include "cache/cargo/index_cache.h"
#include "cache/cargo/registry_layout.h"
#include "client/cargo/source_ids.h"
#include "tests/support/fake_remote.h"
#include "tests/support/machine.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::FakeRemote;
using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kRegistry = "home/.cargo/registry/";
const std::string kHost = "index.crates.io-1949cf8c6b5b557f/";

class RestoreRegistryTest : public ::testing::Test {
 protected:
  static std::string CrateBytes(const std::string& name) {
    return "gzip of " + name + std::string(3000, name[0]);
  }
  static std::string Line(const PackageId& package) {
    return fmt::format(
        R"({{"name":"{}","vers":"{}","deps":[],"features":{{}},"cksum":"{}","yanked":false}})",
        package.name, package.version, package.checksum);
  }
  // Into the lock and onto the server.
  PackageRecord& Add(const std::string& name, const std::string& version = "1.0.0") {
    PackageRecord record;
    record.package = {name, version, std::string(kCratesIoSource),
                      HashAs<BlobHash>(CrateBytes(name + version)).ToHex()};
    record.index_line = Line(record.package);
    const std::string bytes = CrateBytes(name + version);
    for (std::size_t pos = 0; pos < bytes.size(); pos += 1000) {
      record.crate.push_back(remote_.Put(std::string_view(bytes).substr(pos, 1000)));
    }
    lock_.packages.push_back(
        {name, version, record.package.source, record.package.checksum, {}, {}});
    records_.push_back(std::move(record));
    return records_.back();
  }
  absl::StatusOr<RegistryResult> Restore() {
    auto blobs = remote_.OpenBlobs("");
    return RestoreRegistry(lock_, FindGaps(lock_, folders_), records_, folders_, **blobs);
  }
  std::string IndexFile(const std::string& name) {
    return kRegistry + "index/" + kHost + ".cache/" + *IndexPath(name);
  }
  std::string CrateFile(const std::string& name, const std::string& version = "1.0.0") {
    return kRegistry + "cache/" + kHost + name + "-" + version + ".crate";
  }

  const TestFolder folder_;
  MachineFolders folders_ = MachineBelow(folder_.path());
  FakeRemote remote_;
  Lockfile lock_;
  std::vector<PackageRecord> records_;
};

TEST_F(RestoreRegistryTest, AnEmptyCargoHomeGetsAllThatAnOfflineBuildReads) {
  Add("serde");
  Add("syn");
  const auto result = Restore();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->index_entries, 2U);
  EXPECT_EQ(result->crates, 2U);
  EXPECT_THAT(result->still_without_index, IsEmpty());
  EXPECT_EQ(folder_.Read(kRegistry + "index/" + kHost + "config.json"), CratesIoConfig());
  EXPECT_THAT(FindIndexLine(folder_.Read(IndexFile("serde")), "1.0.0"),
              IsOkAndHolds(records_[0].index_line));
  EXPECT_EQ(folder_.Read(CrateFile("serde")), CrateBytes("serde1.0.0"));
  EXPECT_EQ(folder_.Read(CrateFile("syn")), CrateBytes("syn1.0.0"));
  EXPECT_TRUE(FindGaps(lock_, folders_).IsEmpty());
}

TEST_F(RestoreRegistryTest, WithoutGapsNothingIsTouched) {
  Add("serde");
  ASSERT_THAT(Restore(), IsOk());
  remote_.frames.clear();
  const auto result = Restore();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->crates + result->index_entries, 0U);
}

TEST_F(RestoreRegistryTest, AVersionIsAddedToAFileThatHasOthersAndItsRevisionStays) {
  PackageId old{"serde", "0.9.0", std::string(kCratesIoSource), std::string(64, 'a')};
  folder_.Write(IndexFile("serde"), Serialize(IndexCache{"etag: \"x\"", {{"0.9.0", Line(old)}}}));
  Add("serde");
  ASSERT_THAT(Restore(), IsOk());
  const auto cache = ParseIndexCache(folder_.Read(IndexFile("serde")));
  ASSERT_THAT(cache, IsOk());
  EXPECT_EQ(cache->revision, "etag: \"x\"");
  EXPECT_THAT(cache->entries, SizeIs(2));
}

TEST_F(RestoreRegistryTest, TwoVersionsOfOneCrateShareAFile) {
  Add("serde", "1.0.0");
  Add("serde", "1.0.1");
  ASSERT_THAT(Restore(), IsOk());
  const std::string bytes = folder_.Read(IndexFile("serde"));
  EXPECT_THAT(FindIndexLine(bytes, "1.0.0"), IsOk());
  EXPECT_THAT(FindIndexLine(bytes, "1.0.1"), IsOk());
}

TEST_F(RestoreRegistryTest, AnEntryThatIsThereStaysAsItIs) {
  Add("serde");
  const std::string mine =
      Serialize(IndexCache{"etag: \"mine\"", {{"1.0.0", records_[0].index_line + " "}}});
  folder_.Write(IndexFile("serde"), mine);
  folder_.Write(kRegistry + "index/" + kHost + "config.json", "{\"dl\":\"https://mirror\"}");
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_EQ(folder_.Read(IndexFile("serde")), mine);
  EXPECT_EQ(folder_.Read(kRegistry + "index/" + kHost + "config.json"),
            "{\"dl\":\"https://mirror\"}");
}

TEST_F(RestoreRegistryTest, AFileThatCargoWouldThrowAwayIsReplaced) {
  Add("serde");
  folder_.Write(IndexFile("serde"), "damaged");
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_THAT(FindIndexLine(folder_.Read(IndexFile("serde")), "1.0.0"), IsOk());
}

TEST_F(RestoreRegistryTest, WhatThisLockDoesNotNameIsLeftOut) {
  Add("serde");
  Add("evil");
  lock_.packages.pop_back();
  // The same version with another checksum is another package.
  Add("forged");
  records_.back().package.checksum = std::string(64, 'f');
  const auto result = Restore();
  ASSERT_THAT(result, IsOk());
  EXPECT_TRUE(folder_.Has(CrateFile("serde")));
  EXPECT_FALSE(folder_.Has(CrateFile("evil")));
  EXPECT_FALSE(folder_.Has(CrateFile("forged")));
  EXPECT_FALSE(folder_.Has(IndexFile("forged")));
  ASSERT_THAT(result->still_without_index, SizeIs(1));
  EXPECT_EQ(result->still_without_index[0].name, "forged");
}

TEST_F(RestoreRegistryTest, ARegistryThatOnlyOthersUseIsNotAskedFor) {
  Add("serde");
  Add("private").package.source = "sparse+https://other.example/index/";
  lock_.packages.pop_back();
  EXPECT_THAT(Restore(), IsOk());
  EXPECT_TRUE(folder_.Has(CrateFile("serde")));
}

TEST_F(RestoreRegistryTest, ACrateThatIsNotWhatTheLockNamesIsNotWritten) {
  PackageRecord& record = Add("serde");
  record.crate = {remote_.Put("something else")};
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_FALSE(folder_.Has(CrateFile("serde")));
}

TEST_F(RestoreRegistryTest, AnIndexLineOfAnotherPackageIsNotWritten) {
  Add("serde");
  PackageId other = records_[0].package;
  other.version = "6.6.6";
  records_[0].index_line = Line(other);
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_FALSE(folder_.Has(IndexFile("serde")));
  other.version = "1.0.0";
  other.checksum = std::string(64, 'f');
  records_[0].index_line = Line(other);
  EXPECT_FALSE(Restore().ok());
  records_[0].index_line = "{}";
  EXPECT_FALSE(Restore().ok());
}

TEST_F(RestoreRegistryTest, AStreamThatBreaksWritesNoPartOfACrate) {
  Add("serde");
  Add("syn");
  remote_.breaks_after = records_[0].crate.size() + 1;
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(folder_.Read(CrateFile("serde")), CrateBytes("serde1.0.0"));
  EXPECT_FALSE(folder_.Has(CrateFile("syn")));
}

TEST_F(RestoreRegistryTest, GapsAreOfRegistryPackagesAlone) {
  lock_.packages.push_back({"app", "0.1.0", "", "", {}, {}});
  lock_.packages.push_back({"from-git", "0.1.0", "git+https://h/x#abc", "", {}, {}});
  EXPECT_TRUE(FindGaps(lock_, folders_).IsEmpty());
  Add("serde");
  const RegistryGaps gaps = FindGaps(lock_, folders_);
  EXPECT_THAT(gaps.without_index, ElementsAre(records_[0].package));
  EXPECT_THAT(gaps.without_crate, ElementsAre(records_[0].package));
}

class OtherRegistryTest : public RestoreRegistryTest {
 protected:
  OtherRegistryTest() {
    PackageRecord& record = Add("mine");
    record.package.source = lock_.packages.back().source = kMine;
    Add("serde");
  }
  void AddConfig(const std::string& json) {
    PackageRecord config;
    config.package = *RegistryConfigId(kMine);
    config.index_line = json;
    records_.push_back(config);
  }
  bool Has(const std::string& path) { return folder_.Has(kRegistry + path); }
  static inline const std::string kMine = "sparse+https://my.example/index/";
  const std::string dir_ = *RegistryDirName(kMine) + "/";
};

TEST_F(OtherRegistryTest, ItsConfigurationComesWithIt) {
  AddConfig(R"({"dl":"https://cdn.example/dl","api":"https://evil.example"})");
  EXPECT_THAT(FindGaps(lock_, folders_).without_config, ElementsAre(*RegistryConfigId(kMine)));
  const auto result = Restore();
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->still_without_index, IsEmpty());
  EXPECT_EQ(folder_.Read(kRegistry + "index/" + dir_ + "config.json"),
            R"({"dl":"https://cdn.example/dl"})");
  EXPECT_TRUE(Has("index/" + dir_ + ".cache/mi/ne/mine"));
  EXPECT_TRUE(Has("cache/" + dir_ + "mine-1.0.0.crate"));
  EXPECT_TRUE(FindGaps(lock_, folders_).IsEmpty());
}

TEST_F(OtherRegistryTest, AConfigurationThatIsThereStays) {
  folder_.Write(kRegistry + "index/" + dir_ + "config.json", "{\"dl\":\"https://mirror\"}");
  AddConfig(R"({"dl":"https://cdn.example/dl"})");
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_EQ(folder_.Read(kRegistry + "index/" + dir_ + "config.json"),
            "{\"dl\":\"https://mirror\"}");
}

// Cargo would delete its index files; the others are none the worse.
TEST_F(OtherRegistryTest, WithoutAConfigurationThatMayBeUsedItsIndexIsLeftOut) {
  AddConfig(R"({"dl":"https://evil.example/dl","auth-required":true})");
  const auto result = Restore();
  ASSERT_THAT(result, IsOk());
  ASSERT_THAT(result->still_without_index, SizeIs(1));
  EXPECT_EQ(result->still_without_index[0].name, "mine");
  EXPECT_FALSE(Has("index/" + dir_));
  EXPECT_TRUE(Has("cache/" + dir_ + "mine-1.0.0.crate"));
  EXPECT_TRUE(folder_.Has(IndexFile("serde")));
}

TEST_F(OtherRegistryTest, AConfigurationOfAnotherRegistryIsNotTaken) {
  AddConfig(R"({"dl":"https://cdn.example/dl"})");
  records_.back().package.checksum = std::string(64, 'a');
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_FALSE(Has("index/" + dir_));
}

TEST_F(OtherRegistryTest, AnIndexInGitIsNotWritten) {
  const std::string git = "registry+https://my.example/index";
  records_[0].package.source = lock_.packages[0].source = git;
  const RegistryGaps gaps = FindGaps(lock_, folders_);
  EXPECT_THAT(gaps.without_index, ElementsAre(records_[1].package));
  EXPECT_THAT(gaps.without_crate, SizeIs(2));
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_FALSE(Has("index/" + *RegistryDirName(git)));
  EXPECT_TRUE(Has("cache/" + *RegistryDirName(git) + "/mine-1.0.0.crate"));
}

TEST_F(RestoreRegistryTest, AnEmptyCrateFileIsAGap) {
  Add("serde");
  ASSERT_THAT(Restore(), IsOk());
  folder_.Write(CrateFile("serde"), "");
  EXPECT_THAT(FindGaps(lock_, folders_).without_crate, SizeIs(1));
}

TEST_F(RestoreRegistryTest, RegistryFilesAreThoseOfTheLockThatAreThere) {
  Add("serde");
  EXPECT_THAT(RegistryFiles(lock_, folders_), IsEmpty());
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_THAT(RegistryFiles(lock_, folders_),
              ElementsAre("registry/index/" + kHost + ".cache/se/rd/serde",
                          "registry/cache/" + kHost + "serde-1.0.0.crate"));
}

}  // namespace
}  // namespace depcache::client
