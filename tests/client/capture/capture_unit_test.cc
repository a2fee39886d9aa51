#include "client/capture/capture_unit.h"

#include "client/restore/restore_layer.h"
#include "tests/client/capture/disk_units.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::DiskUnits;
using ::depcache::testing::FakeRemote;
using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::MakeElf;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CaptureUnitTest : public ::testing::Test {
 protected:
  // Expects a refusal whose message holds `why`.
  void ExpectRefused(std::size_t unit, const std::string& why, bool is_native = false) {
    const auto captured = units_.Capture(unit, is_native);
    EXPECT_THAT(captured, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(captured.status().ToString(), HasSubstr(why));
  }
  std::size_t BuildLib(const std::string& name, const std::vector<std::size_t>& deps = {}) {
    const std::size_t unit = units_.Plan(name, UnitKind::kLib, deps);
    units_.Build(unit);
    return unit;
  }
  DiskUnits units_;
};

TEST_F(CaptureUnitTest, ALibraryBecomesARecordWithItsRmetaAsASlice) {
  const std::size_t unit = BuildLib("a");
  const auto captured = units_.Capture(unit);
  ASSERT_THAT(captured, IsOk());
  const UnitRecord& record = captured->record;
  EXPECT_EQ(record.package, (PackageId{"a", "1.0.0", std::string(kCratesIoSource),
                                       units_.lock.packages[0].checksum}));
  EXPECT_EQ(record.source_path, "src/lib.rs");
  EXPECT_EQ(ParseFingerprint(record.fingerprint)->path, 0U);
  EXPECT_EQ(captured->fingerprint_hash, units_.hashes[unit]);
  EXPECT_EQ(captured->ref, (UnitRef{record.key, OutputOf(record)}));
  ASSERT_EQ(record.files.size(), 3U);
  const auto* slice = std::get_if<SliceContent>(&record.files[2].content);
  ASSERT_NE(slice, nullptr);
  EXPECT_EQ(slice->size, DiskUnits::kRmeta.size());
  // What is sent is what the record names, and the record itself comes last.
  ASSERT_EQ(captured->blobs.size(), 2U);
  EXPECT_THAT(DecodeUnitRecord(*ReadBlob(captured->blobs.back())), IsOkAndHolds(record));
  EXPECT_EQ(captured->blobs.back().digest, captured->record_digest);
}

TEST_F(CaptureUnitTest, AnRmetaThatTheRlibDoesNotHoldIsStoredItself) {
  const std::size_t unit = BuildLib("a");
  DiskUnits::Put(units_.PathOf(unit, FileRole::kRmeta), std::string(5000, 'x'));
  const auto captured = units_.Capture(unit);
  ASSERT_THAT(captured, IsOk());
  EXPECT_TRUE(std::holds_alternative<BlobContent>(captured->record.files[2].content));
}

TEST_F(CaptureUnitTest, TheKeyFollowsTheOutputsOfTheUnitsBelow) {
  const std::size_t a = BuildLib("a");
  units_.CaptureKnown(a);
  const std::size_t b = BuildLib("b", {a});
  const auto first = units_.Capture(b);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(first->record.deps, ElementsAre(units_.known[a]->ref));
  EXPECT_EQ(ParseFingerprint(first->record.fingerprint)->deps[0].hash, 0U);
  units_.known[a]->ref.output = HashAs<OutputDigest>("another build");
  const auto second = units_.Capture(b);
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(first->ref.key, second->ref.key);
}

TEST_F(CaptureUnitTest, DependenciesWithOneHashAreToldApartByTheirNames) {
  const std::size_t a = BuildLib("a");
  const std::size_t b = BuildLib("b");
  units_.CaptureKnown(a);
  units_.CaptureKnown(b);
  units_.hashes[b] = units_.hashes[a];
  units_.known[b]->fingerprint_hash = units_.hashes[a];
  const std::size_t top = units_.Plan("top", UnitKind::kLib, {b, a});
  units_.Build(top);
  const auto captured = units_.Capture(top);
  ASSERT_THAT(captured, IsOk());
  EXPECT_THAT(captured->record.deps, ElementsAre(units_.known[b]->ref, units_.known[a]->ref));
}

TEST_F(CaptureUnitTest, AUnitBuiltAgainstAnotherDependencyIsRefused) {
  const std::size_t a = BuildLib("a");
  const std::size_t b = BuildLib("b", {a});
  units_.CaptureKnown(a);
  units_.known[a]->fingerprint_hash ^= 1;
  ExpectRefused(b, "it was built against another a than the plan has");
}

TEST_F(CaptureUnitTest, AFolderOfThisMachineInTheCodeIsRefusedAndInDebugSectionsNot) {
  const std::size_t unit = units_.Plan("a", UnitKind::kLib, {});
  const std::string path = units_.folders.cargo_home / "registry/src/x/lib.rs";
  units_.Build(unit, MakeElf({{".text", "code"}, {".rodata", path}}));
  ExpectRefused(unit, "names " + units_.folders.cargo_home.native());
  units_.Build(unit, MakeElf({{".text", "code"}, {".debug_str", path}}));
  EXPECT_THAT(units_.Capture(unit), IsOk());
}

TEST_F(CaptureUnitTest, AHashFileThatDoesNotMatchItsJsonIsRefused) {
  const std::size_t unit = BuildLib("a");
  DiskUnits::Put(units_.HashFile(unit), "0123456789abcdef");
  ExpectRefused(unit, "its hash file does not match its fingerprint");
}

TEST_F(CaptureUnitTest, AFingerprintThatIsNotUnderstoodIsNotShared) {
  const std::size_t unit = BuildLib("a");
  DiskUnits::Put(units_.HashFile(unit).native() + ".json", R"({"rustc":1,"news":2})");
  EXPECT_THAT(units_.Capture(unit), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(CaptureUnitTest, AUnitThatIsNotBuiltToItsEndIsNotThere) {
  const std::size_t unit = units_.Plan("a", UnitKind::kLib, {});
  EXPECT_THAT(units_.Capture(unit), StatusIs(absl::StatusCode::kNotFound));
  units_.Build(unit);
  DiskUnits::Put(units_.HashFile(unit), "");
  EXPECT_THAT(units_.Capture(unit), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(CaptureUnitTest, SourcesElsewhereAreRefused) {
  const std::size_t unit = BuildLib("a");
  const std::string root = units_.plan.units[unit].package_root;
  units_.plan.units[unit].target.src_path = "/elsewhere/lib.rs";
  ExpectRefused(unit, "its source lies outside its package");
  units_.plan.units[unit].package_root = "/vendor/a";
  units_.plan.units[unit].target.src_path = "/vendor/a/src/lib.rs";
  ExpectRefused(unit, "its sources are not where Cargo unpacks");
}

TEST_F(CaptureUnitTest, NativeLibrariesNeedAKeyThatKnowsTheHost) {
  for (const char* line :
       {"cargo:rustc-link-lib=static=z\n", "cargo::rustc-link-search=/usr/x\n"}) {
    const std::size_t unit = units_.Plan("z", UnitKind::kScriptRun, {});
    units_.Build(unit);
    DiskUnits::Put(units_.PathOf(unit, FileRole::kStdout), line);
    ExpectRefused(unit, "native libraries");
    EXPECT_THAT(units_.Capture(unit, /*is_native=*/true), IsOk());
  }
}

TEST_F(CaptureUnitTest, AnArchiveThatItLinkedIsAnInputThoughNobodyDeclaredIt) {
  const fs::path lib = units_.folders.workspace / "lib/libz.a";
  DiskUnits::Put(lib, "first");
  const std::size_t run = units_.Plan("z", UnitKind::kScriptRun, {});
  units_.Build(run);
  DiskUnits::Put(units_.PathOf(run, FileRole::kStdout),
                 "cargo:rustc-link-search=native=" + lib.parent_path().native() +
                     "\ncargo:rustc-link-lib=static=z\n");
  units_.known[run] = KnownUnit{{}, {}, units_.hashes[run]};
  const std::size_t unit = BuildLib("z", {run});
  const auto first = units_.Capture(unit);
  ASSERT_THAT(first, IsOk());
  ASSERT_EQ(first->record.predicates.size(), 1U);
  EXPECT_THAT(first->record.predicates[0].name, HasSubstr("lib/libz.a"));
  DiskUnits::Put(lib, "second");
  const auto second = units_.Capture(unit);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->ref.key, second->ref.key);
  EXPECT_NE(first->record.predicates, second->record.predicates);
}

TEST_F(CaptureUnitTest, CompileTimeIsFromTheStartToTheHashFile) {
  const std::size_t unit = BuildLib("a");
  const fs::path started = units_.HashFile(unit).parent_path() / "invoked.timestamp";
  DiskUnits::Put(started, "");
  ASSERT_THAT(SetFileTime(started, 1'700'000'000), IsOk());
  ASSERT_THAT(SetFileTime(units_.HashFile(unit), 1'700'000'012), IsOk());
  EXPECT_EQ(units_.Capture(unit)->record.compile_ms, 12'000U);
  ASSERT_THAT(SetFileTime(started, 1'800'000'000), IsOk());
  EXPECT_EQ(units_.Capture(unit)->record.compile_ms, 0U);
}

// Captured on one machine, restored on another, captured there: the same
// record, and so the same key and output for whoever builds on it.
TEST_F(CaptureUnitTest, WhereItWasRestoredTheSameRecordIsCapturedAgain) {
  const auto plan_all = [](DiskUnits& units) {
    const std::size_t a = units.Plan("a", UnitKind::kLib, {});
    const std::size_t script = units.Plan("z", UnitKind::kScriptBuild, {a});
    const std::size_t run = units.Plan("z", UnitKind::kScriptRun, {script});
    const std::size_t macro = units.Plan("m", UnitKind::kProcMacro, {a});
    units.Plan("z", UnitKind::kLib, {run, macro, a});
  };
  plan_all(units_);
  FakeRemote remote;
  std::vector<UnitRecord> records;
  std::vector<CapturedUnit> all;
  for (std::size_t i = 0; i < units_.plan.units.size(); ++i) {
    units_.Build(i);
    if (units_.plan.units[i].place.kind == UnitKind::kScriptRun) {
      DiskUnits::Put(units_.PathOf(i, FileRole::kStdout),
                     "cargo:rustc-env=OUT=" + units_.PathOf(i, FileRole::kOutDirEntry).native());
    }
    all.push_back(units_.CaptureKnown(i));
    records.push_back(all.back().record);
    for (const CapturedBlob& blob : all.back().blobs) remote.Put(*ReadBlob(blob));
  }
  DiskUnits there;
  plan_all(there);
  const std::vector<PresentUnit> present(records.size());
  const auto plan =
      MakeRestorePlan({records, present, there.folders, [](const auto&) { return std::nullopt; }});
  ASSERT_THAT(plan, IsOk());
  auto blobs = remote.OpenBlobs("");
  const auto result = RestoreUnits(*plan, records, there.folders, {**blobs}, [](auto, auto) {});
  ASSERT_THAT(result, IsOk());
  there.lock = units_.lock;
  for (std::size_t i = 0; i < records.size(); ++i) {
    ASSERT_THAT(result->units[i], IsOk());
    UnitRecord again = there.CaptureKnown(i).record;
    again.compile_ms = records[i].compile_ms;
    EXPECT_EQ(again, records[i]) << i;
  }
}

}  // namespace
}  // namespace depcache::client
