#include "client/go/restore_go.h"

#include <sys/stat.h>

#include "client/go/capture_go.h"
#include "client/go/share_go.h"
#include "tests/client/go/go_sample.h"
#include "tests/support/fake_remote.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::FakeRemote;
using ::depcache::testing::GoSample;
using ::depcache::testing::TestFolder;

// One machine's module and package on a server, and another machine's empty caches.
struct TwoMachines {
  GoSample first;
  FakeRemote remote;
  std::vector<CapturedUnit> units;
  TestFolder second;

  TwoMachines() {
    units.push_back(*CaptureGoModule(first.module, first.sums, first.caches().modules));
    units.push_back(
        *BuildCacheReader(first.caches().build, {}).Capture(first.EmptyRecord(), first.build_id));
    CookSummary summary;
    const absl::Status shared =
        ShareGoLayer(remote, *Recipe::FromParts({{"kind", "go"}}), units, 0, summary);
    EXPECT_TRUE(shared.ok()) << shared;
  }

  GoCaches caches() const { return {second / "a b/mod", second / "build"}; }

  GoRestored Restore() {
    std::vector<UnitRecord> records;
    for (const CapturedUnit& unit : units) records.push_back(unit.record);
    const std::unique_ptr<BlobStream> blobs = *remote.OpenBlobs("");
    absl::StatusOr<GoRestored> restored = RestoreGoUnits(records, first.go_sum(), caches(), *blobs);
    EXPECT_TRUE(restored.ok()) << restored.status();
    return *std::move(restored);
  }

  // Puts other bytes in place of an inline file's.
  void Spoil(std::size_t unit, std::string_view name_ends, const std::string& bytes) {
    for (UnitFile& file : units[unit].record.files) {
      if (file.name.ends_with(name_ends)) file.content = InlineContent{bytes};
    }
  }
};

std::string Bytes(const std::filesystem::path& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, 64 << 20);
  return bytes.ok() ? *bytes : "(none)";
}

TEST(RestoreGoTest, EveryFileComesBackByteForByte) {
  TwoMachines machines;
  const GoRestored restored = machines.Restore();
  EXPECT_TRUE(restored.first_error.ok()) << restored.first_error;
  EXPECT_EQ(restored.units, (std::vector{GoUnitState::kRestored, GoUnitState::kRestored}));
  for (const GoFileKind kind :
       {GoFileKind::kMod, GoFileKind::kInfo, GoFileKind::kZip, GoFileKind::kZipHash}) {
    const GoLayerPath path{kind, "example.com/Leaf", "v1.0.0", ""};
    EXPECT_EQ(Bytes(machines.caches().modules / PathInCache(path)),
              Bytes(machines.first.ModuleFile(kind)));
  }
  const auto entry =
      ParseActionFile(Bytes(machines.caches().build / ActionFilePath(machines.first.action)));
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(Bytes(machines.caches().build / OutputFilePath(entry->output)),
            Bytes(machines.first.caches().build / OutputFilePath(entry->output)));
  // What was captured here again is the same unit.
  const auto again = BuildCacheReader(machines.caches().build, {})
                         .Capture(machines.first.EmptyRecord(), machines.first.build_id);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->ref, machines.units[1].ref);
}

TEST(RestoreGoTest, NothingTemporaryStays) {
  TwoMachines machines;
  machines.Restore();
  std::size_t files = 0;
  EXPECT_TRUE(WalkTree(machines.second.path(), [&](const std::filesystem::path& path,
                                                   const std::filesystem::directory_entry& entry) {
                EXPECT_EQ(path.native().find(".depcache"), std::string::npos) << path;
                files += entry.is_regular_file() ? 1 : 0;
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(files, machines.units[0].record.files.size() + machines.units[1].record.files.size());
}

TEST(RestoreGoTest, WhatIsThereIsNotFetchedAgain) {
  TwoMachines machines;
  machines.Restore();
  machines.remote.frames.clear();
  const GoRestored again = machines.Restore();
  EXPECT_EQ(again.units, (std::vector{GoUnitState::kPresent, GoUnitState::kPresent}));
  EXPECT_EQ(again.bytes_received, 0U);
  EXPECT_EQ(again.bytes_written, 0U);
}

TEST(RestoreGoTest, ATruncatedFileIsWrittenAgain) {
  TwoMachines machines;
  machines.Restore();
  const GoLayerPath zip{GoFileKind::kZip, "example.com/Leaf", "v1.0.0", ""};
  const std::filesystem::path path = machines.caches().modules / PathInCache(zip);
  std::filesystem::resize_file(path, 100);
  EXPECT_EQ(machines.Restore().units[0], GoUnitState::kRestored);
  EXPECT_EQ(Bytes(path), Bytes(machines.first.ModuleFile(GoFileKind::kZip)));
}

TEST(RestoreGoTest, AModuleThatIsNotInThisGoSumIsNotWritten) {
  for (const char* file : {".mod", ".ziphash", ".info"}) {
    TwoMachines machines;
    machines.Spoil(0, file, "module example.com/evil\n");
    const GoRestored restored = machines.Restore();
    EXPECT_EQ(restored.units, (std::vector{GoUnitState::kFailed, GoUnitState::kRestored})) << file;
    EXPECT_FALSE(restored.first_error.ok());
    const GoLayerPath hash{GoFileKind::kZipHash, "example.com/Leaf", "v1.0.0", ""};
    EXPECT_FALSE(std::filesystem::exists(machines.caches().modules / PathInCache(hash))) << file;
  }
}

// Its hash file says what it should: only who reads the zip can tell.
TEST(RestoreGoTest, AZipWithOtherSourcesIsNotWritten) {
  TwoMachines machines;
  const GoSample evil("package leaf // evil\n");
  const auto other = CaptureGoModule(evil.module, evil.sums, evil.caches().modules);
  ASSERT_TRUE(other.ok());
  CookSummary summary;
  ASSERT_TRUE(ShareGoLayer(machines.remote, *Recipe::FromParts({}), {*other}, 0, summary).ok());
  for (UnitFile& file : machines.units[0].record.files) {
    for (const UnitFile& their : other->record.files) {
      if (file.name == their.name && file.name.ends_with(".zip")) file.content = their.content;
    }
  }
  const GoRestored restored = machines.Restore();
  EXPECT_EQ(restored.units[0], GoUnitState::kFailed);
  const GoLayerPath zip{GoFileKind::kZip, "example.com/Leaf", "v1.0.0", ""};
  EXPECT_FALSE(std::filesystem::exists(machines.caches().modules / PathInCache(zip)));
}

TEST(RestoreGoTest, EntriesThatDoNotBelongTogetherAreNotWritten) {
  TwoMachines machines;
  const std::string other = std::string(64, '9');
  machines.Spoil(1, machines.first.action + "-a",
                 ActionFileText({machines.first.action, other, 17}));
  EXPECT_EQ(machines.Restore().units[1], GoUnitState::kFailed);
  EXPECT_FALSE(
      std::filesystem::exists(machines.caches().build / ActionFilePath(machines.first.action)));
}

TEST(RestoreGoTest, AnOutputIsWhatItsNameSays) {
  TwoMachines machines;
  const std::string empty = HashAs<PartDigest>("").ToHex();
  machines.Spoil(1, empty + "-d", "not empty");
  EXPECT_EQ(machines.Restore().units[1], GoUnitState::kFailed);
  EXPECT_FALSE(std::filesystem::exists(machines.caches().build / OutputFilePath(empty)));
}

TEST(RestoreGoTest, NoNameLeavesTheCaches) {
  for (const char* name : {"mod/../../../x", "other/x", "build/trim.txt", "mod/cache/lock"}) {
    TwoMachines machines;
    machines.units[1].record.files[0].name = name;
    EXPECT_EQ(machines.Restore().units[1], GoUnitState::kFailed) << name;
    EXPECT_FALSE(machines.second.Has("x"));
  }
}

TEST(RestoreGoTest, ABlobThatIsGoneCostsItsUnitOnly) {
  TwoMachines machines;
  for (const UnitFile& file : machines.units[0].record.files) {
    const auto* content = std::get_if<BlobContent>(&file.content);
    if (content != nullptr) machines.remote.frames.erase(content->blobs.back().hash);
  }
  const GoRestored restored = machines.Restore();
  EXPECT_EQ(restored.units, (std::vector{GoUnitState::kFailed, GoUnitState::kRestored}));
}

TEST(RestoreGoTest, ABrokenStreamFailsWhatItDidNotBring) {
  TwoMachines machines;
  machines.remote.breaks_after = 1;
  const GoRestored restored = machines.Restore();
  EXPECT_EQ(restored.units, (std::vector{GoUnitState::kFailed, GoUnitState::kFailed}));
  EXPECT_FALSE(
      std::filesystem::exists(machines.caches().build / ActionFilePath(machines.first.action)));
}

TEST(RestoreGoTest, OtherBytesThanAskedForAreNotTaken) {
  TwoMachines machines;
  for (auto& [hash, frame] : machines.remote.frames) frame = CompressFrame("something else");
  EXPECT_EQ(machines.Restore().units, (std::vector{GoUnitState::kFailed, GoUnitState::kFailed}));
}

// Go makes the unpacked sources read-only; they are none of our business.
TEST(RestoreGoTest, UnpackedModulesAreNotTouched) {
  TwoMachines machines;
  const std::filesystem::path unpacked =
      machines.second.Write("a b/mod/example.com/!leaf@v1.0.0/go.mod", "as it was", 0444);
  ASSERT_EQ(chmod(unpacked.parent_path().c_str(), 0555), 0);
  EXPECT_EQ(machines.Restore().units[0], GoUnitState::kRestored);
  EXPECT_EQ(Bytes(unpacked), "as it was");
  ASSERT_EQ(chmod(unpacked.parent_path().c_str(), 0755), 0);
}

}  // namespace
}  // namespace depcache::client
