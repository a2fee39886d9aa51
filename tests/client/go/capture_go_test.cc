#include "client/go/capture_go.h"

#include <gmock/gmock.h>

#include "cache/layer/limits.h"
#include "tests/client/go/go_sample.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::GoSample;
using ::depcache::testing::StatusIs;
using ::testing::Contains;
using ::testing::Not;

std::vector<std::string> NamesOf(const CapturedUnit& unit) {
  std::vector<std::string> names;
  for (const UnitFile& file : unit.record.files) names.push_back(file.name);
  return names;
}

std::string OutputName(const std::string& bytes) {
  return "build/" + OutputFilePath(HashAs<PartDigest>(bytes).ToHex());
}

TEST(CaptureGoTest, AModuleIsItsFourFiles) {
  const GoSample sample;
  const auto unit = CaptureGoModule(sample.module, sample.sums, sample.caches().modules);
  ASSERT_TRUE(unit.ok()) << unit.status();
  const std::string base = "mod/example.com/!leaf/@v/v1.0.0.";
  EXPECT_EQ(NamesOf(*unit), (std::vector<std::string>{base + "mod", base + "info", base + "zip",
                                                      base + "ziphash"}));
  EXPECT_TRUE(DecodeUnitRecord(Encode(unit->record)).ok());
  EXPECT_EQ(unit->ref.output, OutputOf(unit->record));
  // Pieces of the zip, each as it lies on disk, and the record.
  ASSERT_GE(unit->blobs.size(), 3U);
  for (const CapturedBlob& blob : unit->blobs) {
    EXPECT_LE(blob.digest.size_bytes, kMaxBlobBytes);
    EXPECT_TRUE(ReadBlob(blob).ok());
  }
}

TEST(CaptureGoTest, OfAModuleThatOnlyNamesOthersTheGoModIsEnough) {
  const GoSample sample;
  const GoModuleSums only_mod{sample.sums.mod, std::nullopt};
  const auto unit = CaptureGoModule(sample.module, only_mod, sample.caches().modules);
  ASSERT_TRUE(unit.ok());
  EXPECT_EQ(unit->record.files.size(), 2U);
}

TEST(CaptureGoTest, AModuleThatIsNotWhatGoSumSaysIsNotShared) {
  const auto capture = [](const GoSample& sample) {
    return CaptureGoModule(sample.module, sample.sums, sample.caches().modules).status();
  };
  GoSample sample;
  EXPECT_THAT(
      CaptureGoModule({"example.com/other", "v1.0.0"}, sample.sums, sample.caches().modules),
      StatusIs(absl::StatusCode::kNotFound));
  sample.folder.Write(
      std::filesystem::relative(sample.ModuleFile(GoFileKind::kMod), sample.folder.path()),
      "module x\n");
  EXPECT_THAT(capture(sample), StatusIs(absl::StatusCode::kFailedPrecondition));
  // A zip that was changed beside a hash file that still says what it should.
  const GoSample edited;
  testing::WriteZip(edited.ModuleFile(GoFileKind::kZip), {{"example.com/Leaf@v1.0.0/x", "evil"}});
  EXPECT_THAT(capture(edited), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(CaptureGoTest, APackageIsItsActionAndAllThatBelongsToIt) {
  const GoSample sample;
  BuildCacheReader reader(sample.caches().build, {});
  const auto unit = reader.Capture(sample.EmptyRecord(), sample.build_id);
  ASSERT_TRUE(unit.ok()) << unit.status();
  const std::vector<std::string> names = NamesOf(*unit);
  for (const char* name : {"stdout", "srcfiles", "_cgo_gotypes.go"}) {
    EXPECT_THAT(names, Contains("build/" + ActionFilePath(SubkeyOf(sample.action, name))));
  }
  EXPECT_THAT(names, Contains(OutputName("")));
  EXPECT_THAT(names, Contains(OutputName("package leaf // made by cgo\n")));
  EXPECT_EQ(names.size(), 8U);
  // An output stands before the action that names it.
  EXPECT_TRUE(names.back().ends_with("-a"));
}

// The time of a build is in each action file, and must not be in a unit.
TEST(CaptureGoTest, TwoBuildsGiveOneOutput) {
  const GoSample one;
  const GoSample two;
  two.folder.Write("build/" + ActionFilePath(two.action), [&] {
    std::string text = two.folder.Read("build/" + ActionFilePath(two.action));
    text.replace(text.size() - 20, 19, "1800000000000000000");
    return text;
  }());
  const auto a = BuildCacheReader(one.caches().build, {}).Capture(one.EmptyRecord(), one.build_id);
  const auto b = BuildCacheReader(two.caches().build, {}).Capture(two.EmptyRecord(), two.build_id);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->ref, b->ref);
  EXPECT_EQ(a->record_digest, b->record_digest);
}

TEST(CaptureGoTest, AnOutputThatNamesAFolderStaysHere) {
  const GoSample sample("package leaf // from /home/somebody/go/pkg\n");
  const auto with = [&](const std::string& folder) {
    return BuildCacheReader(sample.caches().build, {folder})
        .Capture(sample.EmptyRecord(), sample.build_id)
        .status();
  };
  EXPECT_THAT(with("/home/somebody"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(with("/home/some").ok()) << "the beginning of a name is no folder";
  EXPECT_TRUE(with("/home/nobody").ok());
}

// What only vet asks for is left out, not the package.
TEST(CaptureGoTest, FilesOfCgoThatNameAFolderAreLeftOut) {
  const GoSample sample;
  sample.PutEntry(SubkeyOf(sample.action, "_cgo_gotypes.go"), "//line /home/somebody/x.go:1\n");
  BuildCacheReader reader(sample.caches().build, {"/home/somebody"});
  const auto unit = reader.Capture(sample.EmptyRecord(), sample.build_id);
  ASSERT_TRUE(unit.ok()) << unit.status();
  EXPECT_EQ(unit->record.files.size(), 4U);
  EXPECT_THAT(NamesOf(*unit),
              Not(Contains("build/" + ActionFilePath(SubkeyOf(sample.action, "srcfiles")))));
}

TEST(CaptureGoTest, WhatIsMissingOrDamagedIsNotShared) {
  const auto capture = [](const GoSample& sample) {
    return BuildCacheReader(sample.caches().build, {})
        .Capture(sample.EmptyRecord(), sample.build_id)
        .status();
  };
  const GoSample no_stdout;
  std::filesystem::remove(no_stdout.caches().build /
                          ActionFilePath(SubkeyOf(no_stdout.action, "stdout")));
  EXPECT_THAT(capture(no_stdout), StatusIs(absl::StatusCode::kNotFound))
      << "Go takes an action without it for missing";
  const GoSample damaged;
  const std::string bytes = "the archive of package leaf\n" + std::string(5000, 'x');
  damaged.folder.Write("build/" + OutputFilePath(HashAs<PartDigest>(bytes).ToHex()), "short");
  EXPECT_THAT(capture(damaged), StatusIs(absl::StatusCode::kFailedPrecondition));
  GoSample unknown;
  unknown.build_id = "____________________/x";
  EXPECT_THAT(capture(unknown), StatusIs(absl::StatusCode::kNotFound));
  unknown.build_id = "";
  EXPECT_THAT(capture(unknown), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace depcache::client
