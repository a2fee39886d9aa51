#include "client/workspace/read_workspace.h"

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReadWorkspaceTest : public ::testing::Test {
 protected:
  ReadWorkspaceTest() {
    folder_.Write("Cargo.toml", "[workspace]\nmembers = [\"app\"]\n");
    folder_.Write("app/Cargo.toml",
                  "[package]\nname = \"app\"\nversion = \"0.1.0\"\n"
                  "[dependencies]\nhelper = { path = \"../tools/helper\" }\n");
    folder_.Write("tools/helper/Cargo.toml",
                  "[package]\nname = \"helper\"\nversion = \"0.1.0\"\n"
                  "[dependencies]\ndeep = { path = \"deep\" }\n");
    folder_.Write("tools/helper/deep/Cargo.toml",
                  "[package]\nname = \"deep\"\nversion = \"0.1.0\"\n");
    folder_.Write("Cargo.lock",
                  "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n"
                  "dependencies = [\n \"helper\",\n]\n\n[[package]]\nname = \"deep\"\n"
                  "version = \"0.1.0\"\n\n[[package]]\nname = \"helper\"\nversion = \"0.1.0\"\n"
                  "dependencies = [\n \"deep\",\n]\n");
    metadata_.root = folder_.path();
    metadata_.packages = {{folder_ / "app/Cargo.toml",
                           {{{"bin"}, {"bin"}, "app", (folder_ / "app/src/main.rs").native()}}}};
  }
  absl::StatusOr<WorkspaceText> Read() { return ReadWorkspace(metadata_, {"#config"}, {}); }

  const TestFolder folder_;
  WorkspaceMetadata metadata_;
};

TEST_F(ReadWorkspaceTest, ReadsMembersTheRootAndWhatTheyReachByPath) {
  const auto workspace = Read();
  ASSERT_THAT(workspace, IsOk());
  std::vector<std::string> members;
  std::vector<std::string> others;
  for (const PackageText& package : workspace->packages) {
    (package.is_member ? members : others).push_back(package.manifest_path);
    EXPECT_EQ(package.text, folder_.Read(package.manifest_path));
  }
  EXPECT_THAT(members, ElementsAre("app/Cargo.toml", "Cargo.toml"));
  EXPECT_THAT(others, ElementsAre("tools/helper/Cargo.toml", "tools/helper/deep/Cargo.toml"));
  EXPECT_EQ(workspace->packages[0].targets[0].path, "app/src/main.rs");
  EXPECT_EQ(workspace->lock, folder_.Read("Cargo.lock"));
  EXPECT_THAT(workspace->configs, ElementsAre("#config"));
  EXPECT_FALSE(workspace->toolchain);
}

// With the root of the workspace that it inherits from.
TEST_F(ReadWorkspaceTest, ReadsWhatLiesOutsideTheRoot) {
  const TestFolder above;
  const auto put = [&](const std::string& path, const std::string& text) {
    above.Write(path, text);
  };
  put("work/Cargo.toml",
      "[package]\nname = \"app\"\nversion = \"0.1.0\"\n"
      "[dependencies]\nfar = { path = \"../libs/deep/far\" }\nplain = { path = \"../plain\" }\n");
  put("work/Cargo.lock",
      "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n"
      "dependencies = [\n \"far\",\n \"plain\",\n]\n\n[[package]]\nname = \"far\"\n"
      "version = \"0.1.0\"\n\n[[package]]\nname = \"plain\"\nversion = \"0.1.0\"\n");
  put("libs/Cargo.toml", "[workspace]\n[workspace.package]\nversion = \"0.1.0\"\n");
  put("libs/deep/Cargo.toml", "[package]\nname = \"between\"\n");
  put("libs/deep/far/Cargo.toml", "[package]\nname = \"far\"\nversion.workspace = true\n");
  put("plain/Cargo.toml", "[package]\nname = \"plain\"\nversion = \"0.1.0\"\n");
  metadata_.root = above / "work";
  metadata_.packages = {{above / "work/Cargo.toml", {}}};
  const auto workspace = Read();
  ASSERT_THAT(workspace, IsOk());
  EXPECT_EQ(workspace->root, above / "work");
  ASSERT_EQ(workspace->packages.size(), 3U);
  EXPECT_EQ(workspace->packages[1].manifest_path, "../libs/deep/far/Cargo.toml");
  EXPECT_EQ(workspace->packages[1].workspace_path, "../libs/Cargo.toml");
  EXPECT_EQ(workspace->packages[1].workspace_text, above.Read("libs/Cargo.toml"));
  EXPECT_EQ(workspace->packages[2].workspace_path, "");
  std::filesystem::remove(above / "libs/Cargo.toml");
  EXPECT_THAT(Read().status().ToString(), HasSubstr("far/Cargo.toml: it inherits from a workspace"));
}

TEST_F(ReadWorkspaceTest, ARootPackageIsReadOnce) {
  folder_.Write(
      "Cargo.toml",
      "[package]\nname = \"root\"\nversion = \"0.1.0\"\n[workspace]\nmembers = [\"app\"]\n");
  metadata_.packages.push_back({folder_ / "Cargo.toml", {}});
  const auto workspace = Read();
  ASSERT_THAT(workspace, IsOk());
  std::size_t roots = 0;
  for (const PackageText& package : workspace->packages) {
    roots += package.manifest_path == "Cargo.toml" ? 1 : 0;
  }
  EXPECT_EQ(roots, 1U);
}

TEST_F(ReadWorkspaceTest, OfTwoToolchainFilesTheOldNameWins) {
  folder_.Write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.95.0\"\n");
  EXPECT_EQ(Read()->toolchain->name, "rust-toolchain.toml");
  folder_.Write("rust-toolchain", "1.94.0");
  EXPECT_EQ(Read()->toolchain->name, "rust-toolchain");
  EXPECT_EQ(Read()->toolchain->contents, "1.94.0");
}

TEST_F(ReadWorkspaceTest, AMissingManifestIsNamed) {
  std::filesystem::remove(folder_ / "tools/helper/deep/Cargo.toml");
  const auto workspace = Read();
  EXPECT_THAT(workspace, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(workspace.status().ToString(), HasSubstr("deep/Cargo.toml"));
}

TEST_F(ReadWorkspaceTest, ALockThatCannotBeReadIsNoMissingOne) {
  std::filesystem::remove(folder_ / "Cargo.lock");
  std::filesystem::create_directory(folder_ / "Cargo.lock");
  const auto workspace = Read();
  EXPECT_THAT(workspace, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(workspace.status().ToString(), HasSubstr("Cargo.lock"));
}

}  // namespace
}  // namespace depcache::client
