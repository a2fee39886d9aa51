#include "client/restore/restore_layer.h"

#include "tests/support/machine.h"
#include "tests/support/sample_units.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::IsOk;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::SampleUnits;
using ::depcache::testing::SecondsOf;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::HasSubstr;

class RestoreUnitsTest : public ::testing::TestWithParam<LayoutKind> {
 protected:
  absl::StatusOr<RestoreResult> Restore() {
    present_.resize(units_.records.size());
    auto plan = MakeRestorePlan(
        {units_.records, present_, folders_, [this](const auto&) { return input_time_; }});
    if (!plan.ok()) return plan.status();
    plan_ = *std::move(plan);
    auto blobs = units_.remote.OpenBlobs("");
    done_ = 0;
    return RestoreUnits(plan_, units_.records, folders_, {**blobs, siblings_},
                        [&](std::uint64_t done, std::uint64_t total) {
                          EXPECT_GE(done, done_);
                          EXPECT_LE(done, total);
                          done_ = done;
                          total_ = total;
                        });
  }
  bool IsFresh(std::size_t unit) const {
    const auto text = ReadFile(plan_.units[unit].hash_path, 100);
    return text.ok() && *text == plan_.units[unit].hash_text;
  }
  // Files of the unit that are on disk.
  std::vector<fs::path> FilesOf(std::size_t unit) const {
    std::vector<fs::path> files;
    for (const PlannedFile& file : plan_.files) {
      if (file.unit == unit && !file.is_folder && fs::exists(fs::symlink_status(file.path))) {
        files.push_back(file.path);
      }
    }
    return files;
  }

  const TestFolder folder_;
  MachineFolders folders_ = MachineBelow(folder_.path());
  SampleUnits units_{GetParam()};
  std::vector<PresentUnit> present_;
  std::optional<std::int64_t> input_time_;  // of every declared input
  std::vector<fs::path> siblings_;
  RestorePlan plan_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Layouts, RestoreUnitsTest,
                         ::testing::Values(LayoutKind::kClassic, LayoutKind::kV2),
                         [](const auto& param_info) {
                           return param_info.param == LayoutKind::kV2 ? "V2" : "Classic";
                         });

TEST_P(RestoreUnitsTest, WhatCargoReadsIsThereWithItsTimes) {
  const std::size_t a = units_.AddLib("a");
  units_.AddRun("z", {a}, "cargo:x=1", {SampleUnits::OutFile("f", InlineContent{"f"})});
  const auto result = Restore();
  ASSERT_THAT(result, IsOk());
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_THAT(result->units[i], IsOk());
    EXPECT_TRUE(IsFresh(i));
    const auto json = ReadFile(plan_.units[i].json_path, 1 << 20);
    ASSERT_THAT(json, IsOk());
    EXPECT_EQ(HashText(FingerprintHash(*ParseFingerprint(*json))), plan_.units[i].hash_text);
    EXPECT_EQ(SecondsOf(plan_.units[i].hash_path), plan_.units[i].time);
    EXPECT_EQ(SecondsOf(plan_.units[i].json_path), plan_.units[i].time);
  }
  EXPECT_EQ(done_, total_);
  EXPECT_GT(result->bytes_received, 0U);
}

// Times are whole seconds: that of an input edited just now is still to come.
TEST_P(RestoreUnitsTest, WhatCargoCompilesNextIsNotOlderThanWhatWasRestored) {
  using std::chrono::system_clock;
  units_.AddRun("a", {}, "", {}, {"/etc/version"});
  input_time_ = system_clock::to_time_t(system_clock::now()) + 1;
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_EQ(plan_.units[0].time, *input_time_);
  EXPECT_GE(system_clock::now(), system_clock::from_time_t(*input_time_));
}

TEST_P(RestoreUnitsTest, NothingButTheUnitsFilesIsLeftBehind) {
  units_.AddLib("a");
  ASSERT_THAT(Restore(), IsOk());
  std::size_t files = 0;
  ASSERT_THAT(WalkTree(folder_.path(),
                       [&](const fs::path& path, const fs::directory_entry& entry) {
                         files += entry.is_regular_file() ? 1 : 0;
                         EXPECT_NE(path.extension(), ".depcache") << path;
                         return absl::OkStatus();
                       }),
              IsOk());
  EXPECT_EQ(files, 5U);  // dep-info, rlib, rmeta, JSON, hash file
}

// Bytes of which no two pieces are the same.
std::string Numbers(std::size_t size) {
  std::string text;
  for (std::size_t i = size; text.size() < size; ++i) text += std::to_string(i) + " ";
  return text.substr(0, size);
}

// Restores, takes the build directory aside as a sibling, and restores again.
class RestoreFromSiblingTest : public RestoreUnitsTest {
 protected:
  void SetUp() override {
    const std::size_t a = units_.AddLib("a", {}, Numbers(3000) + "end", 700);
    units_.AddLib("b", {a}, Numbers(901), 300);
    units_.AddRun("z", {a}, "cargo:x=1",
                  {SampleUnits::OutFile("tool", units_.Store(std::string(500, 't')), true)});
    const auto first = Restore();
    ASSERT_THAT(first, IsOk());
    EXPECT_EQ(first->bytes_copied, 0U);
    received_ = first->bytes_received;
    siblings_ = {folder_.path() / "no such folder", folder_.path() / "sibling"};
    fs::rename(folders_.build_dir, siblings_[1]);
  }
  fs::path InSibling(std::size_t unit, FileRole role, std::string_view name = "") {
    const UnitRecord& record = units_.records[unit];
    return siblings_[1] / LayoutOf(record.layout).FilePath(record.place, role, name);
  }
  void ExpectWhole(const absl::StatusOr<RestoreResult>& result) {
    ASSERT_THAT(result, IsOk());
    for (std::size_t i = 0; i < units_.records.size(); ++i) {
      EXPECT_THAT(result->units[i], IsOk());
      EXPECT_TRUE(IsFresh(i));
    }
    for (const PlannedFile& file : plan_.files) {
      if (file.is_folder) continue;
      const fs::path other = siblings_[1] / file.path.lexically_relative(folders_.build_dir);
      EXPECT_EQ(SecondsOf(file.path), file.time);
      if (file.path.native() == spoilt_) continue;
      EXPECT_EQ(*ReadFile(file.path, 1 << 20), *ReadFile(other, 1 << 20)) << file.path;
      EXPECT_EQ(fs::status(file.path).permissions(), fs::status(other).permissions());
    }
  }

  std::uint64_t received_ = 0;
  std::string spoilt_;
};

INSTANTIATE_TEST_SUITE_P(Layouts, RestoreFromSiblingTest,
                         ::testing::Values(LayoutKind::kClassic, LayoutKind::kV2));

TEST_P(RestoreFromSiblingTest, NothingIsAskedOfTheServerThatASiblingHas) {
  units_.remote.frames.clear();
  const auto result = Restore();
  ExpectWhole(result);
  EXPECT_EQ(result->bytes_received, 0U);
  EXPECT_EQ(result->bytes_copied, 3003U + 901U + 500U);
  EXPECT_EQ(done_, total_);
}

// Same size, other bytes: as of another output under the same name.
TEST_P(RestoreFromSiblingTest, WhatIsNotTheBlobIsFetched) {
  const fs::path rlib = InSibling(0, FileRole::kRlib);
  ASSERT_THAT(WriteFileAtomic(rlib, Numbers(3000) + "END"), IsOk());
  spoilt_ = plan_.files[0].path.native();
  const auto result = Restore();
  ExpectWhole(result);
  EXPECT_EQ(*ReadFile(spoilt_, 1 << 20), Numbers(3000) + "end");
  EXPECT_GT(result->bytes_received, 0U);
  EXPECT_LT(result->bytes_received, received_);
}

TEST_P(RestoreFromSiblingTest, WhatIsNotThereOrNoFileIsFetched) {
  fs::remove(InSibling(0, FileRole::kRlib));
  fs::remove(InSibling(1, FileRole::kRlib));
  fs::create_symlink("/dev/zero", InSibling(1, FileRole::kRlib));
  const auto result = Restore();
  ASSERT_THAT(result, IsOk());
  for (const absl::Status& unit : result->units) EXPECT_THAT(unit, IsOk());
  EXPECT_EQ(result->bytes_copied, 500U);
}

// A sibling that lies, and a server that is gone: no unit stands on what is missing.
TEST_P(RestoreFromSiblingTest, AUnitThatNobodyHasIsLeftOut) {
  ASSERT_THAT(WriteFileAtomic(InSibling(0, FileRole::kRlib), std::string(3003, 'x')), IsOk());
  units_.remote.frames.clear();
  const auto result = Restore();
  ASSERT_THAT(result, IsOk());
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(result->units[i].ok());
    EXPECT_FALSE(IsFresh(i));
    EXPECT_THAT(FilesOf(i), ::testing::IsEmpty());
  }
}

TEST_P(RestoreUnitsTest, AUnitWithoutItsBlobAndAllAboveItAreLeftOut) {
  const std::size_t base = units_.AddLib("base", {}, std::string(500, 'b'));
  const std::size_t middle = units_.AddLib("middle", {base}, std::string(400, 'm'));
  const std::size_t top = units_.AddLib("top", {middle}, std::string(300, 't'));
  const std::size_t apart = units_.AddLib("apart", {}, std::string(200, 'a'));
  units_.remote.frames.erase(HashAs<BlobHash>(std::string(500, 'b')));
  const auto result = Restore();
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->units[base], StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(result->units[middle].ToString(), HasSubstr("base was not restored"));
  EXPECT_THAT(result->units[top].ToString(), HasSubstr("middle was not restored"));
  EXPECT_THAT(result->units[apart], IsOk());
  for (const std::size_t unit : {base, middle, top}) {
    EXPECT_FALSE(IsFresh(unit)) << unit;
    EXPECT_THAT(FilesOf(unit), ::testing::IsEmpty()) << unit;
  }
  EXPECT_TRUE(IsFresh(apart));
}

// For every place at which the stream can break: what is fresh is whole, and
// stands on nothing that is not.
TEST_P(RestoreUnitsTest, AStreamThatBreaksAnywhereLeavesNoUnitOnAMissingOne) {
  for (std::size_t breaks_after = 0; breaks_after <= 12; ++breaks_after) {
    SampleUnits units(GetParam());
    const std::size_t a = units.AddLib("a", {}, std::string(3000, 'a'), 1000);
    const std::size_t b = units.AddLib("b", {a}, std::string(900, 'b'), 300);
    units.AddLib("c", {a, b}, std::string(10'000, 'c'), 2500);
    units.remote.breaks_after = breaks_after;
    const TestFolder folder;
    const MachineFolders folders = MachineBelow(folder.path());
    const std::vector<PresentUnit> present(3);
    const auto plan = MakeRestorePlan(
        {units.records, present, folders, [](const auto&) { return std::nullopt; }});
    ASSERT_THAT(plan, IsOk());
    auto blobs = units.remote.OpenBlobs("");
    const auto result = RestoreUnits(*plan, units.records, folders, {**blobs}, [](auto, auto) {});
    ASSERT_THAT(result, IsOk());
    std::vector<bool> is_fresh;
    for (std::size_t i = 0; i < 3; ++i) {
      is_fresh.push_back(fs::exists(plan->units[i].hash_path));
      EXPECT_EQ(is_fresh[i], result->units[i].ok());
    }
    EXPECT_TRUE(!is_fresh[1] || is_fresh[0]) << breaks_after;
    EXPECT_TRUE(!is_fresh[2] || (is_fresh[0] && is_fresh[1])) << breaks_after;
    for (const PlannedFile& file : plan->files) {
      EXPECT_EQ(fs::exists(file.path), is_fresh[file.unit]) << file.path;
    }
  }
}

TEST_P(RestoreUnitsTest, KeptUnitsAreNotTouchedEvenIfOneAboveFails) {
  const std::size_t a = units_.AddLib("a");
  const std::size_t b = units_.AddLib("b", {a});
  ASSERT_THAT(Restore(), IsOk());
  present_.assign(2, {});
  present_[a] = {true, plan_.units[a].time};
  units_.remote.frames.clear();
  const auto result = Restore();
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->units[a], IsOk());
  EXPECT_FALSE(result->units[b].ok());
  EXPECT_TRUE(IsFresh(a));
  EXPECT_FALSE(IsFresh(b));
}

TEST_P(RestoreUnitsTest, WhenTheFolderCannotBeWrittenNothingIsFresh) {
  units_.AddLib("a");
  ASSERT_THAT(CreateDirectories(folders_.build_dir), IsOk());
  folder_.Write("home/shop/target/release", "a file where a folder should be");
  EXPECT_FALSE(Restore().ok());
  EXPECT_EQ(folder_.Read("home/shop/target/release"), "a file where a folder should be");
}

TEST_P(RestoreUnitsTest, ASecondRestoreGivesTheSameTree) {
  const std::size_t a = units_.AddLib("a");
  units_.AddRun(
      "z", {a}, "out",
      {SampleUnits::OutFile("l", LinkContent{"f"}), SampleUnits::OutFile("f", InlineContent{"f"})});
  const auto tree = [&] {
    std::map<std::string, std::string> files;
    EXPECT_THAT(WalkTree(folder_.path(),
                         [&](const fs::path& path, const fs::directory_entry& entry) {
                           if (entry.is_regular_file()) files[path] = folder_.Read(path);
                           return absl::OkStatus();
                         }),
                IsOk());
    return files;
  };
  ASSERT_THAT(Restore(), IsOk());
  const auto first = tree();
  ASSERT_THAT(Restore(), IsOk());
  EXPECT_EQ(tree(), first);
}

}  // namespace
}  // namespace depcache::client
