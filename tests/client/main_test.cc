// The client as one program: that it needs nothing else to run.

#include <cstring>

#include <elf.h>

#include "client/system/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::IsOk;
using ::depcache::testing::TestFolder;
using ::testing::HasSubstr;

ProcessResult Execute(std::vector<std::string> argv,
                      std::map<std::string, std::optional<std::string>> env = {}) {
  for (const char* name : {"DEPCACHE_SERVER", "DEPCACHE_TOKEN", "XDG_CONFIG_HOME"}) {
    env.try_emplace(name, std::nullopt);
  }
  PosixProcessRunner processes;
  absl::StatusOr<ProcessResult> result = processes.Run({std::move(argv), {}, std::move(env)});
  EXPECT_THAT(result, IsOk());
  return result.ok() ? *std::move(result) : ProcessResult{};
}

#ifdef DEPCACHE_CLIENT_IS_STATIC

TEST(StaticClientTest, AsksForNoLoaderAndNoLibrary) {
  const absl::StatusOr<std::string> bytes = ReadFile(DEPCACHE_CLIENT, 1 << 30);
  ASSERT_THAT(bytes, IsOk());
  ASSERT_GT(bytes->size(), sizeof(Elf64_Ehdr));
  Elf64_Ehdr header;
  std::memcpy(&header, bytes->data(), sizeof header);
  ASSERT_EQ(std::memcmp(header.e_ident, ELFMAG, SELFMAG), 0);
  ASSERT_GT(header.e_phnum, 0);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, bytes->data() + header.e_phoff + i * sizeof segment, sizeof segment);
    EXPECT_NE(segment.p_type, static_cast<Elf64_Word>(PT_INTERP));
    EXPECT_NE(segment.p_type, static_cast<Elf64_Word>(PT_DYNAMIC));
  }
}

TEST(StaticClientTest, RunsInARootWithNothingElse) {
  const TestFolder root;
  fs::copy_file(DEPCACHE_CLIENT, root / "depcache-client");
  const ProcessResult result = Execute({"unshare", "--map-root-user", "chroot",
                                        root.path().native(), "/depcache-client", "version"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(result.out.starts_with("depcache-client ")) << result.out;
}

#endif  // DEPCACHE_CLIENT_IS_STATIC

TEST(ClientTest, VersionNeedsNoServerAndNoHome) {
  const ProcessResult result = Execute({DEPCACHE_CLIENT, "version"}, {{"HOME", std::nullopt}});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
}

TEST(ClientTest, AWrongSettingIsSaidAndTheServerLeftOut) {
  const TestFolder home;
  home.Write(".config/depcache/config.toml", "servr = \"x\"\n");
  const ProcessResult result =
      Execute({DEPCACHE_CLIENT, "version"}, {{"HOME", home.path().native()}});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("did you mean 'server'?; going on without a server"));
  EXPECT_TRUE(result.out.starts_with("depcache-client "));
}

TEST(ClientTest, SettingsComeFromTheFileOfTheHome) {
  const TestFolder home;
  home.Write(".config/depcache/config.toml", "server = \"ftp://nowhere\"\n");
  const ProcessResult result =
      Execute({DEPCACHE_CLIENT, "version"}, {{"HOME", home.path().native()}});
  EXPECT_THAT(result.out, HasSubstr("ftp://nowhere"));
}

TEST(ClientTest, AWrongCommandLineHasItsExitCode) {
  EXPECT_EQ(Execute({DEPCACHE_CLIENT, "coook"}).exit_code, 2);
  EXPECT_EQ(Execute({DEPCACHE_CLIENT}).exit_code, 2);
  EXPECT_EQ(Execute({DEPCACHE_CLIENT, "--help"}).exit_code, 0);
}

}  // namespace
}  // namespace depcache::client
