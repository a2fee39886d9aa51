#include "client/capture/capture_files.h"

#include "tests/client/capture/disk_units.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::DiskUnits;
using ::depcache::testing::IsOk;
using ::depcache::testing::MakeElf;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;

class CaptureFilesTest : public ::testing::Test {
 protected:
  std::size_t Build(UnitKind kind) {
    const std::size_t unit = units_.Plan("z", kind, {});
    units_.Build(unit);
    return unit;
  }
  absl::StatusOr<CapturedFiles> Files(std::size_t unit, std::vector<std::string> rustflags = {}) {
    const RootScanner scanner(units_.folders.ScanRoots());
    return CaptureFiles({units_.plan, unit, units_.known, {}, units_.PackageOf(unit),
                         units_.folders, scanner, false},
                        rustflags);
  }
  void ExpectRefused(std::size_t unit, const std::string& why) {
    const auto files = Files(unit);
    EXPECT_THAT(files, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(files.status().ToString(), HasSubstr(why));
  }
  static const UnitFile* Find(const CapturedFiles& files, std::string_view name) {
    for (const UnitFile& file : files.files) {
      if (file.name == name) return &file;
    }
    return nullptr;
  }
  fs::path OutDir(std::size_t unit, std::string_view name) {
    return units_.PathOf(unit, FileRole::kOutDirEntry, name);
  }
  DiskUnits units_;
};

TEST_F(CaptureFilesTest, AMissingOutputIsNamed) {
  const std::size_t unit = Build(UnitKind::kLib);
  fs::remove(units_.PathOf(unit, FileRole::kRlib));
  ExpectRefused(unit, "is missing");
}

TEST_F(CaptureFilesTest, OutDirIsTakenWithFoldersLinksAndModes) {
  const std::size_t unit = Build(UnitKind::kScriptRun);
  DiskUnits::Put(OutDir(unit, "bin/tool"), "#!/bin/sh\n", 0755);
  fs::create_directories(OutDir(unit, "empty/deep"));
  fs::create_symlink("bin/tool", OutDir(unit, "latest"));
  const auto files = Files(unit);
  ASSERT_THAT(files, IsOk());
  EXPECT_TRUE(Find(*files, "bin/tool")->is_executable);
  EXPECT_FALSE(Find(*files, "gen.rs")->is_executable);
  EXPECT_EQ(Find(*files, "latest")->content, FileContent(LinkContent{"bin/tool"}));
  EXPECT_EQ(Find(*files, "empty/deep")->content, FileContent(FolderContent{}));
  EXPECT_EQ(Find(*files, "empty"), nullptr);
  EXPECT_EQ(Find(*files, "bin"), nullptr);
}

TEST_F(CaptureFilesTest, AnOutDirThatIsGoneIsRefused) {
  const std::size_t unit = Build(UnitKind::kScriptRun);
  fs::remove_all(OutDir(unit, ""));
  ExpectRefused(unit, "OUT_DIR is missing");
}

TEST_F(CaptureFilesTest, WhatCannotBeStoredOfAnOutDirIsRefused) {
  const std::size_t unit = Build(UnitKind::kScriptRun);
  fs::create_symlink("/etc/passwd", OutDir(unit, "absolute"));
  ExpectRefused(unit, "a link to an absolute path, absolute");
  fs::remove(OutDir(unit, "absolute"));
  ASSERT_EQ(mkfifo(OutDir(unit, "pipe").c_str(), 0600), 0);
  ExpectRefused(unit, "a special file, pipe");
}

TEST_F(CaptureFilesTest, TextOfAnOutDirIsRootedAndBytesAreRefused) {
  const std::size_t unit = Build(UnitKind::kScriptRun);
  const std::string folder = units_.folders.build_dir;
  DiskUnits::Put(OutDir(unit, "gen.rs"), "include!(\"" + folder + "/x.rs\");");
  auto files = Files(unit);
  ASSERT_THAT(files, IsOk());
  EXPECT_TRUE(Find(*files, "gen.rs")->is_rooted);
  EXPECT_EQ(std::get<InlineContent>(Find(*files, "gen.rs")->content).bytes,
            "include!(\"" + Placeholder(Root::kBuildDir) + "/x.rs\");");
  DiskUnits::Put(OutDir(unit, "gen.rs"), std::string("\0binary ", 8) + folder + "/x.rs");
  ExpectRefused(unit, "gen.rs names " + folder);
}

TEST_F(CaptureFilesTest, LargeRootedTextIsSentFromMemory) {
  const std::size_t unit = Build(UnitKind::kScriptRun);
  std::string text;
  while (text.size() < 30'000) text += units_.folders.build_dir.native() + "/x.rs\n";
  DiskUnits::Put(OutDir(unit, "gen.rs"), text);
  const auto files = Files(unit);
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->blobs.size(), 1U);
  EXPECT_THAT(ReadBlob(files->blobs[0]), IsOk());
}

TEST_F(CaptureFilesTest, AFileOfManyBlobsIsCutAndReadBackWhole) {
  const std::size_t unit = Build(UnitKind::kScriptRun);
  std::string bytes(2 * kMaxBlobBytes + 5, 'b');
  bytes[kMaxBlobBytes] = '\0';
  DiskUnits::Put(OutDir(unit, "gen.rs"), bytes);
  const auto files = Files(unit);
  ASSERT_THAT(files, IsOk());
  const auto& content = std::get<BlobContent>(Find(*files, "gen.rs")->content);
  EXPECT_EQ(content.hash, HashAs<BlobHash>(bytes));
  ASSERT_EQ(files->blobs.size(), 3U);
  std::string whole;
  for (const CapturedBlob& blob : files->blobs) whole += *ReadBlob(blob);
  EXPECT_EQ(whole, bytes);
}

TEST_F(CaptureFilesTest, AScriptMustBeACompiledProgram) {
  const std::size_t unit = Build(UnitKind::kScriptBuild);
  EXPECT_THAT(Files(unit), IsOk());
  DiskUnits::Put(units_.PathOf(unit, FileRole::kScriptExe), "#!/bin/sh\nexec real\n", 0755);
  ExpectRefused(unit, "launcher");
}

TEST_F(CaptureFilesTest, WhatAnotherToolLeftBesideAScriptGivesItAway) {
  const std::size_t unit = Build(UnitKind::kScriptBuild);
  DiskUnits::Put(units_.PathOf(unit, FileRole::kScriptExe).native() + ".kache-real", "x");
  ExpectRefused(unit, "another tool replaced its build script");
}

TEST_F(CaptureFilesTest, AMacroMustBeACompiledProgramAndIsExecutable) {
  const std::size_t unit = Build(UnitKind::kProcMacro);
  const auto files = Files(unit);
  ASSERT_THAT(files, IsOk());
  EXPECT_TRUE(files->files.back().is_executable);
  DiskUnits::Put(units_.PathOf(unit, FileRole::kSharedObject), "INPUT(libother.so)");
  ExpectRefused(unit, "not a compiled program");
}

TEST_F(CaptureFilesTest, DepInfoIsStoredInOrderAndRooted) {
  const std::size_t unit = Build(UnitKind::kLib);
  const std::string out = units_.folders.build_dir / "release/build/z/out";
  const DepInfo written{{DepInfoFile{DepInfoRoot::kPackage, "src/z.rs", {}},
                         DepInfoFile{DepInfoRoot::kPackage, "src/a.rs", {}}},
                        {DepInfoVariable{"OUT_DIR", out}}};
  DiskUnits::Put(units_.PathOf(unit, FileRole::kDepInfo), Serialize(written));
  const auto files = Files(unit);
  ASSERT_THAT(files, IsOk());
  EXPECT_TRUE(files->files[0].is_rooted);
  const auto info = ParseDepInfo(std::get<InlineContent>(files->files[0].content).bytes);
  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->files[0].path, "src/a.rs");
  EXPECT_EQ(info->variables[0].value, Placeholder(Root::kBuildDir) + "/release/build/z/out");
}

TEST_F(CaptureFilesTest, DwarfObjectsAreTakenWhenTheUnitHasThem) {
  const std::size_t unit = Build(UnitKind::kLib);
  const std::string prefix = DwarfObjectPrefix(units_.plan.layout, units_.plan.units[unit].place);
  const fs::path folder = units_.PathOf(unit, FileRole::kDwarfObject);
  DiskUnits::Put(folder / (prefix + "2.dwo"), MakeElf({{".debug_info.dwo", "two"}}));
  DiskUnits::Put(folder / (prefix + "1.dwo"), MakeElf({{".debug_info.dwo", "one"}}));
  DiskUnits::Put(folder / "other-0123456789abcdef.1.dwo", "of another unit");
  EXPECT_EQ(Files(unit)->files.size(), 3U);
  const auto files = Files(unit, {"-Csplit-debuginfo=unpacked"});
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->files.size(), 5U);
  EXPECT_EQ(files->files[3].name, prefix + "1.dwo");
  EXPECT_EQ(files->files[4].name, prefix + "2.dwo");
}

}  // namespace
}  // namespace depcache::client
