#include "client/cargo/config_files.h"

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FindConfigsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(CreateDirectories(folder_ / "home/ws/crates/app"), IsOk()); }
  absl::StatusOr<ConfigTexts> Find(const std::filesystem::path& cwd = "home/ws") {
    return FindConfigs(folder_ / cwd, folder_ / "home/ws", folder_ / "home/.cargo");
  }
  testing::TestFolder folder_;
};

TEST_F(FindConfigsTest, NearerFilesComeLaterAndOnesOutsideTheWorkspaceApart) {
  folder_.Write("home/.cargo/config.toml", "#home");
  folder_.Write("home/ws/.cargo/config.toml", "#root");
  folder_.Write("home/ws/crates/.cargo/config.toml", "#crates");
  const auto configs = Find("home/ws/crates/app");
  ASSERT_THAT(configs, IsOk());
  EXPECT_THAT(configs->inner, ElementsAre("#root", "#crates"));
  EXPECT_THAT(configs->outer, ElementsAre("#home"));
}

TEST_F(FindConfigsTest, FoldersBelowTheCurrentOneDoNotCount) {
  folder_.Write("home/ws/crates/.cargo/config.toml", "#crates");
  const auto configs = Find();
  ASSERT_THAT(configs, IsOk());
  EXPECT_THAT(configs->inner, IsEmpty());
}

TEST_F(FindConfigsTest, CargoHomeElsewhereComesFirst) {
  folder_.Write("cargo/config.toml", "#cargo-home");
  folder_.Write("home/.cargo/config.toml", "#above");
  const auto configs = FindConfigs(folder_ / "home/ws", folder_ / "home/ws", folder_ / "cargo");
  ASSERT_THAT(configs, IsOk());
  EXPECT_THAT(configs->outer, ElementsAre("#cargo-home", "#above"));
}

TEST_F(FindConfigsTest, CargoHomeOnTheWayUpIsReadOnce) {
  folder_.Write("home/.cargo/config.toml", "#home");
  const auto configs = Find();
  ASSERT_THAT(configs, IsOk());
  EXPECT_THAT(configs->outer, ElementsAre("#home"));
}

TEST_F(FindConfigsTest, TheOldNameWinsOverTheNew) {
  folder_.Write("home/ws/.cargo/config", "#old");
  folder_.Write("home/ws/.cargo/config.toml", "#new");
  const auto configs = Find();
  ASSERT_THAT(configs, IsOk());
  EXPECT_THAT(configs->inner, ElementsAre("#old"));
}

TEST_F(FindConfigsTest, AnIncludedFileStandsBeforeTheOneThatNamesIt) {
  folder_.Write("home/ws/.cargo/config.toml", "include = [\"ci.toml\"]\n");
  folder_.Write("home/ws/.cargo/ci.toml", "include = \"deep/base.toml\"\n#ci");
  folder_.Write("home/ws/.cargo/deep/base.toml", "#base");
  const auto configs = Find();
  ASSERT_THAT(configs, IsOk());
  EXPECT_THAT(configs->inner, ElementsAre("#base", HasSubstr("#ci"), HasSubstr("ci.toml")));
}

TEST_F(FindConfigsTest, FilesThatIncludeEachOtherEnd) {
  folder_.Write("home/ws/.cargo/config.toml", "include = [\"a.toml\"]\n");
  folder_.Write("home/ws/.cargo/a.toml", "include = [\"config.toml\"]\n");
  const auto configs = Find();
  ASSERT_THAT(configs, IsOk());
  EXPECT_EQ(configs->inner.size(), 2U);
}

TEST_F(FindConfigsTest, AMissingIncludeIsNamedUnlessItIsOptional) {
  folder_.Write("home/ws/.cargo/config.toml", "include = [\"gone.toml\"]\n");
  const auto configs = Find();
  EXPECT_THAT(configs, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(configs.status().ToString(), HasSubstr("gone.toml"));
  folder_.Write("home/ws/.cargo/config.toml",
                "include = [{ path = \"gone.toml\", optional = true }]\n");
  EXPECT_THAT(Find(), IsOk());
}

TEST_F(FindConfigsTest, AFileThatIsTooLargeIsRefused) {
  folder_.Write("home/ws/.cargo/config.toml", std::string((1 << 20) + 1, '#'));
  EXPECT_THAT(Find(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(FindConfigsTest, WithoutAnyFileThereIsNothing) {
  const auto configs = Find();
  ASSERT_THAT(configs, IsOk());
  EXPECT_THAT(configs->inner, IsEmpty());
  EXPECT_THAT(configs->outer, IsEmpty());
}

TEST_F(FindConfigsTest, EachFileKnowsWhatItsPathsAreRelativeTo) {
  folder_.Write("home/.cargo/config.toml", "#home");
  folder_.Write("home/ws/.cargo/config.toml", "include = \"more/x.toml\"");
  folder_.Write("home/ws/.cargo/more/x.toml", "#x");
  const auto configs = Find();
  ASSERT_THAT(configs, IsOk());
  ASSERT_EQ(configs->files.size(), 3U);
  EXPECT_EQ(configs->files[0].base, folder_ / "home");
  EXPECT_EQ(configs->files[1].base, folder_ / "home/ws/.cargo");
  EXPECT_EQ(configs->files[2].base, folder_ / "home/ws");
}

TEST_F(FindConfigsTest, AnOptionIsAFileIfThereIsOneOfThatName) {
  folder_.Write("home/ws/ci.toml", "include = \"more.toml\"");
  folder_.Write("home/ws/more.toml", "#more");
  const auto options = ReadConfigOptions({"ci.toml", "build.jobs=1"}, folder_ / "home/ws");
  ASSERT_THAT(options, IsOk());
  EXPECT_THAT(options->arguments,
              ElementsAre((folder_ / "home/ws/ci.toml").native(), "build.jobs=1"));
  ASSERT_EQ(options->files.size(), 3U);
  EXPECT_EQ(options->files[0].text, "#more");
  EXPECT_EQ(options->files[1].base, folder_ / "home");
  EXPECT_EQ(options->files[2].text, "build.jobs=1");
  EXPECT_EQ(options->files[2].base, folder_ / "home/ws");
}

TEST(WithConfigVariablesTest, TheEnvironmentWinsUnlessForced) {
  const std::vector<ConfigText> files = {
      {"[env]\nA = \"a\"\nB = \"b\"\nC = { value = \"c\", force = true }", "/"}};
  const Environment seen = WithConfigVariables({{"B", "1"}, {"C", "1"}}, files);
  EXPECT_EQ(seen, (Environment{{"A", "a"}, {"B", "1"}, {"C", "c"}}));
}

TEST(WithConfigVariablesTest, NearerFilesWinAndPathsAreRelativeToTheFileWithTheValue) {
  const std::vector<ConfigText> files = {
      {"[env]\nA = { value = \"x\", relative = true }\nB = \"far\"", "/far"},
      {"[env]\nB = { value = \"near\", relative = true }", "/near"},
      {"no TOML", "/"}};
  EXPECT_EQ(WithConfigVariables({}, files), (Environment{{"A", "/far/x"}, {"B", "/near/near"}}));
}

TEST(LinkerPathsTest, PathsAreAbsoluteAndNamesLeftOut) {
  const std::vector<ConfigText> files = {
      {"[target.x]\nlinker = \"tools/ld\"\n[target.y]\nlinker = \"clang\"", "/ws"},
      {"host.linker = \"/usr/bin/ld\"", "/"}};
  EXPECT_THAT(LinkerPaths({{"CARGO_TARGET_Z_LINKER", "./z"}, {"LINKER", "./no"}}, files, "/cwd"),
              ElementsAre("/cwd/z", "/usr/bin/ld", "/ws/tools/ld"));
}

}  // namespace
}  // namespace depcache::client
