#include "client/cargo/metadata.h"

#include "client/system/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;

constexpr const char* kOne =
    R"({"workspace_root":"/w","target_directory":"/w/target","packages":[
      {"manifest_path":"/w/app/Cargo.toml","targets":[
        {"name":"app","src_path":"/w/app/src/main.rs","kind":["bin"],"crate_types":["bin"]}]}]})";

TEST(ParseMetadataTest, ReadsMembersAndFolders) {
  const auto metadata = ParseMetadata(kOne);
  ASSERT_THAT(metadata, IsOk());
  EXPECT_EQ(metadata->root, "/w");
  ASSERT_EQ(metadata->packages.size(), 1U);
  EXPECT_EQ(metadata->packages[0].manifest_path, "/w/app/Cargo.toml");
  ASSERT_EQ(metadata->packages[0].targets.size(), 1U);
  EXPECT_EQ(metadata->packages[0].targets[0].name, "app");
  EXPECT_THAT(metadata->packages[0].targets[0].kinds, ElementsAre("bin"));
}

TEST(ParseMetadataTest, TheBuildFolderIsTheTargetFolderUnlessCargoSaysAnother) {
  EXPECT_EQ(ParseMetadata(kOne)->build_dir, "/w/target");
  std::string text = kOne;
  text.insert(1, R"("build_directory":"/cache/b",)");
  EXPECT_EQ(ParseMetadata(text)->build_dir, "/cache/b");
}

TEST(ParseMetadataTest, FoldersAreNormalHoweverTheyWereNamed) {
  std::string text = kOne;
  text.replace(text.find("/w/target"), 9, "/w/./out//x/");
  text.insert(1, R"("build_directory":"/w/../cache/b/.",)");
  EXPECT_EQ(ParseMetadata(text)->target_dir.native(), "/w/out/x");
  EXPECT_EQ(ParseMetadata(text)->build_dir.native(), "/cache/b");
}

TEST(ParseMetadataTest, RefusesWhatLacksAFieldOrHasAnotherType) {
  const std::string whole = kOne;
  for (const char* key : {"workspace_root", "target_directory", "packages", "manifest_path",
                          "targets", "name", "src_path", "kind", "crate_types"}) {
    std::string text = whole;
    text.replace(text.find(key), 1, "?");
    EXPECT_THAT(ParseMetadata(text), StatusIs(absl::StatusCode::kInvalidArgument)) << key;
  }
  std::string number = whole;
  number.replace(number.find(R"(["bin"])"), 7, "[1]");
  EXPECT_THAT(ParseMetadata(number), StatusIs(absl::StatusCode::kInvalidArgument));
  for (const char* text : {"", "[]", "{", "null"}) {
    EXPECT_THAT(ParseMetadata(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(ParseMetadataTest, ReadsWhatTheInstalledCargoPrints) {
  const testing::TestFolder folder;
  folder.Write("Cargo.toml", "[package]\nname = \"app\"\n");
  folder.Write("src/main.rs", "fn main() {}\n");
  PosixProcessRunner processes;
  const auto result = processes.Run(
      {{"cargo", "metadata", "--no-deps", "--format-version", "1"}, folder.path(), {}});
  ASSERT_THAT(result, IsOk());
  ASSERT_EQ(result->exit_code, 0) << result->err;
  const auto metadata = ParseMetadata(result->out);
  ASSERT_THAT(metadata, IsOk());
  EXPECT_EQ(metadata->root, folder.path());
  EXPECT_EQ(metadata->build_dir, folder / "target");
  ASSERT_EQ(metadata->packages.size(), 1U);
  EXPECT_EQ(metadata->packages[0].targets[0].path, folder / "src/main.rs");
}

}  // namespace
}  // namespace depcache::client
