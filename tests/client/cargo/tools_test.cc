#include "client/cargo/tools.h"

#include "tests/support/status_matchers.h"
#include "tests/support/test_context.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestContext;
using ::depcache::testing::TestFolder;
using ::testing::HasSubstr;

TEST(ChooseCompilerTest, TakesWhatIsInPathUnlessToldOtherwise) {
  const CompilerChoice choice = ChooseCompiler({}, {}, {});
  EXPECT_EQ(choice.cargo, "cargo");
  EXPECT_EQ(choice.rustc, "rustc");
  EXPECT_FALSE(choice.is_rustc_chosen);
  EXPECT_EQ(choice.wrapper, "");
  EXPECT_TRUE(choice.is_wrapper_transparent);
}

TEST(ChooseCompilerTest, VariablesWinOverConfigurationAndLaterConfigurationOverEarlier) {
  const std::vector<ConfigText> files = {
      {"[build]\nrustc = \"/far/rustc\"\nrustc-wrapper = \"/far/w\"", "/"},
      {"[build]\nrustc = \"/near\"", "/"}};
  EXPECT_EQ(ChooseCompiler({}, files, {}).rustc, "/near");
  EXPECT_TRUE(ChooseCompiler({}, files, {}).is_rustc_chosen);
  EXPECT_EQ(ChooseCompiler({}, files, {}).wrapper, "/far/w");
  EXPECT_EQ(ChooseCompiler({{"CARGO_BUILD_RUSTC", "/b"}}, files, {}).rustc, "/b");
  EXPECT_EQ(ChooseCompiler({{"CARGO_BUILD_RUSTC", "/b"}, {"RUSTC", "/r"}}, files, {}).rustc, "/r");
  EXPECT_EQ(ChooseCompiler({{"RUSTC", ""}}, files, {}).rustc, "/near");
  EXPECT_EQ(ChooseCompiler({{"CARGO", "/c/cargo"}}, files, {}).cargo, "/c/cargo");
}

TEST(ChooseCompilerTest, OptionsStandBetweenTheTwoKindsOfVariables) {
  const std::vector<ConfigText> options = {{"build.rustc = \"/o\"", "/"},
                                           {"build.rustc-wrapper = \"/ow\"", "/"}};
  EXPECT_EQ(ChooseCompiler({{"CARGO_BUILD_RUSTC", "/b"}}, {}, options).rustc, "/o");
  EXPECT_EQ(ChooseCompiler({{"RUSTC", "/r"}}, {}, options).rustc, "/r");
  EXPECT_EQ(ChooseCompiler({{"CARGO_BUILD_RUSTC_WRAPPER", "/b"}}, {}, options).wrapper, "/ow");
  EXPECT_EQ(ChooseCompiler({{"RUSTC_WRAPPER", "/r"}}, {}, options).wrapper, "/r");
}

TEST(ChooseCompilerTest, AnEmptyWrapperVariableIsNoWrapper) {
  const std::vector<ConfigText> files = {{"build.rustc-wrapper = \"/w\"", "/"}};
  EXPECT_EQ(ChooseCompiler({{"RUSTC_WRAPPER", ""}}, files, {}).wrapper, "");
  EXPECT_EQ(ChooseCompiler({{"CARGO_BUILD_RUSTC_WRAPPER", ""}}, files, {}).wrapper, "/w");
}

TEST(ChooseCompilerTest, APathIsRelativeToTheFileAndANameIsForPath) {
  const std::vector<ConfigText> files = {
      {"build.rustc = \"tools/rustc\"\nbuild.rustc-wrapper = \"wrap\"", "/home/ws"}};
  EXPECT_EQ(ChooseCompiler({}, files, {}).rustc, "/home/ws/tools/rustc");
  EXPECT_EQ(ChooseCompiler({}, files, {}).wrapper, "wrap");
}

TEST(ChooseCompilerTest, KnowsWrappersThatLeaveOutputsAlone) {
  for (const char* name : {"sccache", "/usr/bin/sccache", "kache", "mbx"}) {
    EXPECT_TRUE(ChooseCompiler({{"RUSTC_WRAPPER", name}}, {}, {}).is_wrapper_transparent) << name;
  }
  for (const char* name : {"/opt/coverage-wrapper", "sccache2", "my-sccache/wrap"}) {
    EXPECT_FALSE(ChooseCompiler({{"RUSTC_WRAPPER", name}}, {}, {}).is_wrapper_transparent) << name;
  }
}

constexpr const char* kVerbose =
    "rustc 1.97.0-nightly (a1b2c3d4e 2026-05-01)\\nbinary: rustc\\ncommit-hash: %s\\n"
    "commit-date: 2026-05-01\\nhost: x86_64-unknown-linux-gnu\\nrelease: 1.97.0-nightly\\n"
    "LLVM version: 22.0.0\\n";

// A toolchain of scripts, which say what a test wants to hear.
class AskToolsTest : public ::testing::Test {
 protected:
  void Script(const std::string& name, const std::string& body) {
    folder_.Write(name, "#!/bin/sh\n" + body, 0755);
  }
  void Toolchain(const std::string& cargo_version, const std::string& commit) {
    Script("cargo", "echo '" + cargo_version + "'\n");
    Script("rustc", fmt::format("if [ \"$1\" = -vV ]; then printf '{}' '{}'; else echo {}; fi\n",
                                kVerbose, commit, (folder_ / "sysroot").native()));
  }
  absl::StatusOr<ToolFacts> Ask() {
    CompilerChoice compiler;
    compiler.cargo = folder_ / "cargo";
    compiler.rustc = folder_ / "rustc";
    return AskTools(context_.context, compiler, folder_.path());
  }

  const TestFolder folder_;
  TestContext context_{folder_.path()};
};

TEST_F(AskToolsTest, ReadsVersionsAndSysroot) {
  Toolchain("cargo 1.95.0 (f2d3ce0bd 2026-03-21)", std::string(40, 'a'));
  const auto facts = Ask();
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->cargo_minor, 95);
  EXPECT_FALSE(facts->is_nightly_cargo);
  EXPECT_EQ(facts->rustc_commit, std::string(40, 'a'));
  EXPECT_EQ(facts->sysroot, folder_ / "sysroot");
  EXPECT_EQ(facts->rustc_digest, "");
  EXPECT_THAT(facts->rustc_version, HasSubstr("release: 1.97.0-nightly\n"));
}

TEST_F(AskToolsTest, TellsANightlyCargoFromAStableOne) {
  for (const char* version : {"cargo 1.97.0-nightly (x 2026-05-01)", "cargo 1.98.0-dev (x y)"}) {
    Toolchain(version, std::string(40, 'a'));
    const auto facts = Ask();
    ASSERT_THAT(facts, IsOk());
    EXPECT_TRUE(facts->is_nightly_cargo) << version;
    EXPECT_GE(facts->cargo_minor, 97) << version;
  }
}

TEST_F(AskToolsTest, ACompilerWithoutACommitIsToldApartByItsLibraries) {
  Toolchain("cargo 1.95.0", "unknown");
  EXPECT_THAT(Ask(), StatusIs(absl::StatusCode::kFailedPrecondition));
  folder_.Write("sysroot/lib/librustc_driver-1.so", "one");
  folder_.Write("sysroot/lib/libstd-1.so", "std");
  const auto first = Ask();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->rustc_commit, "");
  EXPECT_EQ(first->rustc_digest.size(), 64U);
  folder_.Write("sysroot/lib/librustc_driver-1.so", "two");
  const auto second = Ask();
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(first->rustc_digest, second->rustc_digest);
}

TEST_F(AskToolsTest, AToolThatIsNotThereIsNamedWithWhereToGetIt) {
  const auto facts = Ask();
  EXPECT_THAT(facts, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(facts.status().ToString(), HasSubstr("https://rustup.rs"));
}

TEST_F(AskToolsTest, AToolThatFailsIsQuoted) {
  Toolchain("cargo 1.95.0", std::string(40, 'a'));
  Script("cargo", "echo 'error: toolchain is not installed' >&2; exit 1\n");
  const auto facts = Ask();
  EXPECT_THAT(facts, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(facts.status().ToString(), HasSubstr("toolchain is not installed"));
}

TEST_F(AskToolsTest, UnderstandsTheInstalledTools) {
  const auto facts = AskTools(context_.context, CompilerChoice{}, folder_.path());
  ASSERT_THAT(facts, IsOk());
  EXPECT_GE(facts->cargo_minor, 80);
  EXPECT_TRUE(std::filesystem::is_directory(facts->sysroot / "lib/rustlib"));
}

TEST_F(AskToolsTest, HostFactsComeFromTheCompilerThatIsSet) {
  Script("my-cc", "echo 'my-cc 7.1'; echo more\n");
  context_.context.environment["CC"] = folder_ / "my-cc";
  std::map<std::string, std::string> facts = HostFacts(context_.context);
  EXPECT_EQ(facts["cc"], "my-cc 7.1");
  context_.context.environment["CC"] = folder_ / "gone";
  facts = HostFacts(context_.context);
  EXPECT_EQ(facts["cc"], "none");
  for (const char* name : {"libc", "distribution", "linker", "cpu"}) {
    EXPECT_NE(facts[name], "") << name;
  }
}

class PkgConfigFilesTest : public ::testing::Test {
 protected:
  PkgConfigFilesTest() {
    folder_.Write("pkg-config", "#!/bin/sh\necho " + (folder_ / "own").native() + "\n", 0755);
    context_.context.environment = {{"PKG_CONFIG", folder_ / "pkg-config"}};
  }
  const TestFolder folder_;
  TestContext context_{folder_.path()};
};

TEST_F(PkgConfigFilesTest, NamesAreThoseOfVariablesAndFoldersOfVariablesComeFirst) {
  folder_.Write("own/zlib.pc", "Version: 1\n");
  folder_.Write("own/lib-a.pc", "Version: 2\n");
  folder_.Write("own/README", "no library");
  folder_.Write("mine/zlib.pc", "Version: 3\n");
  using Files = std::map<std::string, std::string>;
  EXPECT_EQ(PkgConfigFiles(context_.context),
            (Files{{"LIB_A", "Version: 2\n"}, {"ZLIB", "Version: 1\n"}}));
  context_.context.environment["PKG_CONFIG_PATH"] =
      (folder_ / "none").native() + ":" + (folder_ / "mine").native();
  EXPECT_EQ(PkgConfigFiles(context_.context),
            (Files{{"LIB_A", "Version: 2\n"}, {"ZLIB", "Version: 3\n"}}));
}

TEST_F(PkgConfigFilesTest, WhatALibraryRequiresIsPartOfItEvenInACircle) {
  folder_.Write("own/a.pc", "Name: a\nRequires: b >= 1.0, c\n");
  folder_.Write("own/b.pc", "Name: b\nRequires.private: a\n");
  auto files = PkgConfigFiles(context_.context);
  EXPECT_THAT(files["A"], HasSubstr("Name: b"));
  EXPECT_THAT(files["B"], HasSubstr("Name: a"));
}

TEST_F(PkgConfigFilesTest, WithoutPkgConfigThereIsNothing) {
  context_.context.environment["PKG_CONFIG"] = folder_ / "none";
  EXPECT_TRUE(PkgConfigFiles(context_.context).empty());
}

}  // namespace
}  // namespace depcache::client
