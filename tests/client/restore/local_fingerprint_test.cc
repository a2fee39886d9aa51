#include "client/restore/local_fingerprint.h"

#include "cache/cargo/unit_plan.h"
#include "tests/cache/cargo/samples.h"
#include "tests/support/machine.h"
#include "tests/support/sample_units.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::ReadSample;
using ::depcache::testing::ReadTable;
using ::depcache::testing::SampleUnits;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;

// The machine on which the recorded builds ran.
MachineFolders SampleMachine() {
  MachineFolders folders;
  folders.home = "/home/ci";
  folders.cargo_home = "/home/ci/.cargo";
  folders.build_dir = folders.target_dir = testing::kSampleBuildDir;
  return folders;
}

// Every library of the recorded build as a record, with Cargo's own hashes.
struct Recorded {
  std::vector<UnitRecord> records;
  std::vector<std::string> hash_texts;
};

Recorded ReadRecorded(const std::string& layout) {
  const std::string graph = ReadSample(layout + "/unit_graph.json");
  const std::string log = ReadSample(layout + "/plan.log");
  const auto plan =
      MakeUnitPlan({graph, log, testing::kSampleBuildDir, testing::kSampleRegistrySrc});
  EXPECT_THAT(plan, IsOk());
  std::map<std::string, std::pair<std::string, std::string>> table;  // hash text, JSON
  for (const auto& row : ReadTable(layout + "/fingerprints.txt")) table[row[0]] = {row[1], row[2]};
  Recorded recorded;
  std::map<std::size_t, std::size_t> position;  // plan index -> record
  std::map<std::size_t, Fingerprint> fingerprints;
  const MachineFolders folders = SampleMachine();
  for (std::size_t i = 0; i < plan->units.size(); ++i) {
    const PlannedUnit& unit = plan->units[i];
    const auto row = table.find(LayoutOf(plan->layout).HashFile(unit.place));
    if (!unit.is_eligible || row == table.end()) continue;
    UnitRecord record;
    record.layout = plan->layout;
    record.place = unit.place;
    record.key = HashAs<UnitKey>(row->first);
    record.package = {unit.package.name, unit.package.version, unit.package.source, ""};
    Fingerprint fingerprint = *ParseFingerprint(row->second.second);
    bool has_deps = true;
    for (std::size_t d = 0; d < fingerprint.deps.size(); ++d) {
      std::optional<std::size_t> match;
      for (const GraphDep& dep : unit.deps) {
        const auto known = fingerprints.find(dep.unit);
        if (known != fingerprints.end() &&
            FingerprintHash(known->second) == fingerprint.deps[d].hash) {
          match = dep.unit;
        }
      }
      has_deps = has_deps && match.has_value();
      if (!match) break;
      const UnitRecord& dep = recorded.records[position[*match]];
      record.deps.push_back({dep.key, OutputOf(dep)});
    }
    if (!has_deps) continue;
    fingerprints[i] = fingerprint;
    for (std::size_t d = 0; d < fingerprint.deps.size(); ++d) fingerprint.deps[d].hash = d;
    if (unit.place.kind != UnitKind::kScriptRun) {
      const std::filesystem::path source = unit.target.src_path;
      record.source_path = source.lexically_relative(unit.package_root);
    }
    fingerprint.path = 0;
    record.fingerprint = ToJson(fingerprint);
    position[i] = recorded.records.size();
    recorded.records.push_back(std::move(record));
    recorded.hash_texts.push_back(row->second.first);
  }
  return recorded;
}

class RecordedBuildTest : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Layouts, RecordedBuildTest, ::testing::Values("classic", "v2"));

TEST_P(RecordedBuildTest, OnTheSameMachineHashesAreThoseThatCargoWrote) {
  const Recorded recorded = ReadRecorded(GetParam());
  ASSERT_GE(recorded.records.size(), 20U);
  const auto units = LocalFingerprints(recorded.records, SampleMachine());
  ASSERT_THAT(units, IsOk());
  for (std::size_t i = 0; i < units->size(); ++i) {
    EXPECT_EQ(HashText((*units)[i].hash), recorded.hash_texts[i])
        << recorded.records[i].package.name;
  }
}

TEST_P(RecordedBuildTest, ElsewhereEachHashFollowsFromItsOwnFingerprint) {
  const Recorded recorded = ReadRecorded(GetParam());
  MachineFolders folders = SampleMachine();
  folders.cargo_home = "/opt/cargo";
  const auto units = LocalFingerprints(recorded.records, folders);
  ASSERT_THAT(units, IsOk());
  for (std::size_t i = 0; i < units->size(); ++i) {
    EXPECT_EQ((*units)[i].hash, FingerprintHash((*units)[i].fingerprint));
    if (recorded.records[i].place.kind == UnitKind::kScriptRun) continue;
    EXPECT_NE(HashText((*units)[i].hash), recorded.hash_texts[i])
        << recorded.records[i].package.name;
  }
}

class LocalFingerprintsTest : public ::testing::Test {
 protected:
  SampleUnits units_;
  MachineFolders folders_ = MachineBelow("/m");
};

TEST_F(LocalFingerprintsTest, TheSourcePathIsThisMachines) {
  units_.AddLib("a");
  const auto units = LocalFingerprints(units_.records, folders_);
  ASSERT_THAT(units, IsOk());
  EXPECT_EQ((*units)[0].fingerprint.path,
            PathHash("/m/home/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/a-1.0.0/"
                     "src/lib.rs"));
}

TEST_F(LocalFingerprintsTest, ARunHasNoSourcePath) {
  units_.AddRun("a", {}, "", {}, {Placeholder(Root::kPackage) + "/wrapper.h"});
  const auto units = LocalFingerprints(units_.records, folders_);
  ASSERT_THAT(units, IsOk());
  EXPECT_EQ((*units)[0].fingerprint.path, 0U);
  EXPECT_EQ(std::get<RerunIfChanged>((*units)[0].fingerprint.local[0]).paths[0],
            folders_.PackageRoot(units_.records[0].package)->native() + "/wrapper.h");
}

TEST_F(LocalFingerprintsTest, AChangeBelowChangesAllAbove) {
  const std::size_t a = units_.AddLib("a");
  const std::size_t b = units_.AddLib("b", {a});
  units_.AddLib("c", {b});
  const auto before = LocalFingerprints(units_.records, folders_);
  Fingerprint changed = *ParseFingerprint(units_.records[0].fingerprint);
  changed.config = 99;
  units_.records[0].fingerprint = ToJson(changed);
  const auto after = LocalFingerprints(units_.records, folders_);
  ASSERT_THAT(before, IsOk());
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ((*after)[1].fingerprint.deps[0].hash, (*after)[0].hash);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NE((*before)[i].hash, (*after)[i].hash) << i;
}

TEST_F(LocalFingerprintsTest, ADependencyOfAnotherOutputIsNotTaken) {
  const std::size_t a = units_.AddLib("a");
  units_.AddLib("b", {a});
  units_.records[1].deps[0].output = HashAs<OutputDigest>("another build of a");
  const auto units = LocalFingerprints(units_.records, folders_);
  EXPECT_THAT(units, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(units.status().ToString(), HasSubstr("unit of b 1.0.0"));
}

TEST_F(LocalFingerprintsTest, RecordsThatLieAreRefusedByName) {
  units_.AddLib("a");
  UnitRecord good = units_.records[0];
  Fingerprint fingerprint = *ParseFingerprint(good.fingerprint);
  fingerprint.deps = {{1, "ghost", false, 5}};  // index past the list
  units_.records[0].fingerprint = ToJson(fingerprint);
  EXPECT_THAT(LocalFingerprints(units_.records, folders_),
              StatusIs(absl::StatusCode::kInvalidArgument));
  units_.records[0].fingerprint = "{}";
  EXPECT_THAT(LocalFingerprints(units_.records, folders_).status().ToString(),
              HasSubstr("unit of a 1.0.0"));
  units_.records[0] = good;
  units_.records[0].package.source = "git+https://h/x";
  EXPECT_THAT(LocalFingerprints(units_.records, folders_),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache::client
