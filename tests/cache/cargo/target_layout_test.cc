#include "cache/cargo/target_layout.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/cargo/samples.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::ReadTable;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;

const TargetLayout& Classic() { return LayoutOf(LayoutKind::kClassic); }
const TargetLayout& V2() { return LayoutOf(LayoutKind::kV2); }

constexpr const char* kHash = "0123456789abcdef";

UnitPlace Lib(UnitKind kind = UnitKind::kLib) {
  return {.triple = "",
          .profile_dir = "release",
          .package = "serde-json",
          .hash = kHash,
          .fingerprint_file = "lib-serde_json",
          .crate_name = "serde_json",
          .kind = kind};
}

UnitPlace Script(UnitKind kind) {
  const bool is_run = kind == UnitKind::kScriptRun;
  return {.triple = is_run ? "x86_64-unknown-linux-gnu" : "",
          .profile_dir = "debug",
          .package = "typenum",
          .hash = kHash,
          .fingerprint_file =
              is_run ? "run-build-script-build-script-main" : "build-script-build-script-main",
          .crate_name = "build_script_main",
          .kind = kind};
}

TEST(TargetLayoutTest, ClassicLibrary) {
  const std::string fingerprint = "release/.fingerprint/serde-json-0123456789abcdef/";
  EXPECT_EQ(Classic().HashFile(Lib()), fingerprint + "lib-serde_json");
  EXPECT_EQ(Classic().JsonFile(Lib()), fingerprint + "lib-serde_json.json");
  EXPECT_EQ(Classic().FilePath(Lib(), FileRole::kDepInfo, ""), fingerprint + "dep-lib-serde_json");
  const std::string stem = "release/deps/libserde_json-0123456789abcdef";
  EXPECT_EQ(Classic().FilePath(Lib(), FileRole::kRlib, ""), stem + ".rlib");
  EXPECT_EQ(Classic().FilePath(Lib(), FileRole::kRmeta, ""), stem + ".rmeta");
  EXPECT_EQ(Classic().FilePath(Lib(), FileRole::kSharedObject, ""), stem + ".so");
  EXPECT_EQ(Classic().FilePath(Lib(), FileRole::kStaticArchive, ""), stem + ".a");
  EXPECT_EQ(Classic().FilePath(Lib(), FileRole::kDwarfObject, "x.dwo"), "release/deps/x.dwo");
  EXPECT_EQ(DwarfObjectPrefix(LayoutKind::kClassic, Lib()), "serde_json-0123456789abcdef.");
  EXPECT_THAT(Classic().OwnFolders(Lib()),
              ElementsAre("release/.fingerprint/serde-json-0123456789abcdef"));
  EXPECT_EQ(Classic().ScriptLink(Lib()), "");
  EXPECT_EQ(Classic().FilePath(Lib(UnitKind::kDynamicLib), FileRole::kSharedObject, ""),
            stem + ".so");
}

TEST(TargetLayoutTest, ClassicScript) {
  const UnitPlace build = Script(UnitKind::kScriptBuild);
  const std::string folder = "debug/build/typenum-0123456789abcdef";
  EXPECT_EQ(Classic().FilePath(build, FileRole::kScriptExe, ""),
            folder + "/build_script_main-0123456789abcdef");
  EXPECT_EQ(Classic().ScriptLink(build), folder + "/build-script-main");
  EXPECT_THAT(Classic().OwnFolders(build),
              ElementsAre("debug/.fingerprint/typenum-0123456789abcdef", folder));

  const UnitPlace run = Script(UnitKind::kScriptRun);
  const std::string run_folder = "x86_64-unknown-linux-gnu/" + folder;
  EXPECT_EQ(TargetLayout::ProfileRoot(run), "x86_64-unknown-linux-gnu/debug");
  EXPECT_EQ(Classic().FilePath(run, FileRole::kStdout, ""), run_folder + "/output");
  EXPECT_EQ(Classic().RootOutputFile(run), run_folder + "/root-output");
  EXPECT_EQ(Classic().OutDir(run), run_folder + "/out");
  EXPECT_EQ(Classic().FilePath(run, FileRole::kOutDirEntry, "a/b.rs"), run_folder + "/out/a/b.rs");
  EXPECT_EQ(Classic().ScriptLink(run), "");
}

TEST(TargetLayoutTest, V2Library) {
  const std::string folder = "release/build/serde-json/0123456789abcdef";
  EXPECT_EQ(V2().HashFile(Lib()), folder + "/fingerprint/lib-serde_json");
  EXPECT_EQ(V2().FilePath(Lib(), FileRole::kDepInfo, ""),
            folder + "/fingerprint/dep-lib-serde_json");
  EXPECT_EQ(V2().FilePath(Lib(), FileRole::kRlib, ""),
            folder + "/out/libserde_json-0123456789abcdef.rlib");
  EXPECT_EQ(V2().FilePath(Lib(UnitKind::kProcMacro), FileRole::kSharedObject, ""),
            folder + "/out/libserde_json-0123456789abcdef.so");
  EXPECT_EQ(DwarfObjectPrefix(LayoutKind::kV2, Lib()), "serde_json-0123456789abcdef.");
  EXPECT_THAT(V2().OwnFolders(Lib()), ElementsAre(folder));
}

TEST(TargetLayoutTest, V2DynamicLibrariesHaveNoHashInTheirNames) {
  const UnitPlace place = Lib(UnitKind::kDynamicLib);
  const std::string out = "release/build/serde-json/0123456789abcdef/out/";
  EXPECT_EQ(V2().FilePath(place, FileRole::kSharedObject, ""), out + "libserde_json.so");
  EXPECT_EQ(V2().FilePath(place, FileRole::kRlib, ""), out + "libserde_json.rlib");
  EXPECT_EQ(DwarfObjectPrefix(LayoutKind::kV2, place), "serde_json.");
}

TEST(TargetLayoutTest, V2Script) {
  const UnitPlace build = Script(UnitKind::kScriptBuild);
  const std::string folder = "debug/build/typenum/0123456789abcdef";
  EXPECT_EQ(V2().FilePath(build, FileRole::kScriptExe, ""), folder + "/out/build_script_main");
  EXPECT_EQ(V2().ScriptLink(build), "");

  const UnitPlace run = Script(UnitKind::kScriptRun);
  const std::string run_folder = "x86_64-unknown-linux-gnu/" + folder;
  EXPECT_EQ(V2().FilePath(run, FileRole::kStdout, ""), run_folder + "/run/stdout");
  EXPECT_EQ(V2().RootOutputFile(run), run_folder + "/run/root-output");
  EXPECT_EQ(V2().OutDir(run), run_folder + "/out");
  EXPECT_EQ(V2().FilePath(run, FileRole::kOutDirEntry, "a.rs"), run_folder + "/out/a.rs");
  EXPECT_THAT(V2().OwnFolders(run), ElementsAre(run_folder));
}

class RecordedPaths : public ::testing::TestWithParam<const char*> {};

TEST_P(RecordedPaths, AreReadAndJoinedAgain) {
  for (const std::vector<std::string>& row : ReadTable(GetParam())) {
    const absl::StatusOr<LocatedUnit> unit = ParseHashFilePath(row[0]);
    ASSERT_THAT(unit, IsOk());
    EXPECT_EQ(LayoutOf(unit->layout).HashFile(unit->place), row[0]);
    EXPECT_EQ(LayoutOf(unit->layout).kind(), unit->layout);
  }
}

INSTANTIATE_TEST_SUITE_P(, RecordedPaths,
                         ::testing::Values("classic/fingerprints.txt", "v2/fingerprints.txt"));

TEST(ParseHashFilePathTest, ReadsEveryComponent) {
  const absl::StatusOr<LocatedUnit> classic =
      ParseHashFilePath("t/release/.fingerprint/proc-macro2-0123456789abcdef/lib-proc_macro2");
  ASSERT_THAT(classic, IsOk());
  EXPECT_EQ(classic->layout, LayoutKind::kClassic);
  UnitPlace want = {.triple = "t",
                    .profile_dir = "release",
                    .package = "proc-macro2",
                    .hash = kHash,
                    .fingerprint_file = "lib-proc_macro2",
                    .crate_name = "",
                    .kind = UnitKind::kLib};
  EXPECT_EQ(classic->place, want);

  const absl::StatusOr<LocatedUnit> v2 =
      ParseHashFilePath("release/build/proc-macro2/0123456789abcdef/fingerprint/lib-proc_macro2");
  ASSERT_THAT(v2, IsOk());
  EXPECT_EQ(v2->layout, LayoutKind::kV2);
  want.triple = "";
  EXPECT_EQ(v2->place, want);
}

TEST(ParseHashFilePathTest, KnowsWhatAUnitIsByItsFile) {
  const auto kind = [](std::string_view file) {
    const auto unit =
        ParseHashFilePath("debug/.fingerprint/a-0123456789abcdef/" + std::string(file));
    EXPECT_THAT(unit, IsOk());
    return unit->place.kind;
  };
  EXPECT_EQ(kind("lib-a"), UnitKind::kLib);
  EXPECT_EQ(kind("build-script-build-script-build"), UnitKind::kScriptBuild);
  EXPECT_EQ(kind("run-build-script-build-script-build"), UnitKind::kScriptRun);
  for (const std::string_view file :
       {"bin-a", "test-lib-a", "test-integration-test-a", "example-a", "doc-lib-a", "library"}) {
    EXPECT_EQ(kind(file), UnitKind::kOther) << file;
  }
}

TEST(ParseHashFilePathTest, RefusesWhatIsNoHashFile) {
  const std::string_view paths[] = {
      "",
      "/",
      "lib-a",
      "release/.fingerprint/a-0123456789abcdef",
      ".fingerprint/a-0123456789abcdef/lib-a",
      "a/b/c/.fingerprint/a-0123456789abcdef/lib-a",
      "/release/.fingerprint/a-0123456789abcdef/lib-a",
      "../release/.fingerprint/a-0123456789abcdef/lib-a",
      "./.fingerprint/a-0123456789abcdef/lib-a",
      "release/.fingerprint/-0123456789abcdef/lib-a",
      "release/.fingerprint/..-0123456789abcdef/lib-a",
      "release/.fingerprint/a-0123456789abcde/lib-a",
      "release/.fingerprint/a-0123456789ABCDEF/lib-a",
      "release/.fingerprint/a-0123456789abcdef/",
      "release/.fingerprint/a-0123456789abcdef/..",
      "release/.fingerprint/a0123456789abcdef/lib-a",
      "release/build/a-0123456789abcdef/lib-a",
      "release/build/a/0123456789abcdef/out/lib-a",
      "release/build/../0123456789abcdef/fingerprint/lib-a",
      "release/build/a/../fingerprint/lib-a",
      "build/a/0123456789abcdef/fingerprint/lib-a",
  };
  for (const std::string_view path : paths) {
    EXPECT_THAT(ParseHashFilePath(path), StatusIs(absl::StatusCode::kInvalidArgument)) << path;
  }
  std::string with_zero = "release/.fingerprint/a-0123456789abcdef/lib-a";
  with_zero.back() = '\0';
  EXPECT_THAT(ParseHashFilePath(with_zero), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache
