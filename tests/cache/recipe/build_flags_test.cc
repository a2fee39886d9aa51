#include "cache/recipe/build_flags.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/toml_text.h"

namespace depcache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kHost = "x86_64-unknown-linux-gnu";

TEST(BuildFlagsTest, TargetsComeFromOptionsThenVariablesThenConfiguration) {
  const TomlTable config = *ParseToml("build.target = ['wasm32-wasi', 'a', 'a']\n");
  const auto targets = [](const CookSelection& selection, const Variables& variables,
                          const TomlTable& table) {
    return EffectiveTargets(selection, variables, table, std::string(kHost));
  };
  CookSelection selection;
  EXPECT_THAT(targets(selection, {}, {}), IsEmpty());
  EXPECT_THAT(targets(selection, {}, config), ElementsAre("a", "wasm32-wasi"));
  EXPECT_THAT(targets(selection, {{"CARGO_BUILD_TARGET", "b"}}, config), ElementsAre("b"));
  selection.targets = {"z", "host-tuple", "specs/y.json", "z"};
  EXPECT_THAT(targets(selection, {{"CARGO_BUILD_TARGET", "b"}}, config),
              ElementsAre("specs/y.json", kHost, "z"));
}

TEST(BuildFlagsTest, ASpecificationIsKnownByItsFileName) {
  EXPECT_TRUE(IsTargetSpec("specs/arm.json"));
  EXPECT_FALSE(IsTargetSpec("wasm32-wasi"));
  EXPECT_EQ(ShortTargetName("specs/arm.json"), "arm");
  EXPECT_EQ(ShortTargetName("arm.json"), "arm");
  EXPECT_EQ(ShortTargetName("wasm32-wasi"), "wasm32-wasi");
  EXPECT_THAT(PlatformNames({"a/b.json", std::string(kHost)}, std::string(kHost)),
              ElementsAre(kHost, "b"));
}

std::vector<std::string> Flags(const Variables& variables, std::string_view config,
                               const std::vector<std::string>& targets = {}) {
  return RustflagLines(variables, *ParseToml(config), targets, std::string(kHost));
}

constexpr std::string_view kConfig = R"(
[build]
rustflags = ["-b1", "-b 2"]
[target.x86_64-unknown-linux-gnu]
rustflags = "-h1  -h2"
[target.'cfg(unix)']
rustflags = ["-u"]
[target.wasm32-wasi]
rustflags = ["-w"]
)";

TEST(BuildFlagsTest, VariablesHideTheConfiguration) {
  EXPECT_THAT(Flags({{"RUSTFLAGS", " -C  x\t-y "}}, kConfig), ElementsAre("-C", "x", "-y"));
  EXPECT_THAT(Flags({{"CARGO_ENCODED_RUSTFLAGS", "-C\x1fx y"}, {"RUSTFLAGS", "-z"}}, kConfig),
              ElementsAre("-C", "x y"));
  // Also when they are set to nothing.
  EXPECT_THAT(Flags({{"RUSTFLAGS", ""}}, kConfig), IsEmpty());
  EXPECT_THAT(Flags({{"CARGO_ENCODED_RUSTFLAGS", ""}}, kConfig), IsEmpty());
}

TEST(BuildFlagsTest, FlagsOfATargetHideThoseOfTheBuild) {
  EXPECT_THAT(Flags({}, kConfig),
              ElementsAre("target.x86_64-unknown-linux-gnu: -h1",
                          "target.x86_64-unknown-linux-gnu: -h2", "target.\"cfg(unix)\": -u"));
  EXPECT_THAT(Flags({}, kConfig, {"wasm32-wasi"}),
              ElementsAre("target.wasm32-wasi: -w", "target.\"cfg(unix)\": -u"));
  // Whether cfg(…) holds, only rustc knows: both may be meant.
  EXPECT_THAT(Flags({}, kConfig, {"aarch64-apple-darwin"}),
              ElementsAre("target.\"cfg(unix)\": -u", "build: -b1", "build: -b 2"));
}

TEST(BuildFlagsTest, VariablesOfTheConfigurationAddToIt) {
  EXPECT_THAT(Flags({{"CARGO_TARGET_WASM32_WASI_RUSTFLAGS", "-v -v2"}}, kConfig, {"wasm32-wasi"}),
              ElementsAre("target.wasm32-wasi: -w", "target.wasm32-wasi: -v",
                          "target.wasm32-wasi: -v2", "target.\"cfg(unix)\": -u"));
  EXPECT_THAT(Flags({{"CARGO_BUILD_RUSTFLAGS", "-c"}}, "build.rustflags = ['-b']"),
              ElementsAre("-b", "-c"));
}

TEST(BuildFlagsTest, WhereFlagsStandDoesNotShowIfItIsCertainThatTheyApply) {
  const std::vector<std::string> flags = Flags({{"RUSTFLAGS", "-a -b"}}, kConfig);
  EXPECT_EQ(Flags({}, "build.rustflags = ['-a', '-b']"), flags);
  EXPECT_EQ(
      Flags({}, "build.rustflags = ['-x']\ntarget.x86_64-unknown-linux-gnu.rustflags = '-a -b'"),
      flags);
  EXPECT_EQ(Flags({}, "target.a.rustflags = ['-a', '-b']\n", {"a"}), flags);
  EXPECT_NE(Flags({}, "target.a.rustflags = ['-a', '-b']\n", {"a", "b"}), flags);
}

TEST(BuildFlagsTest, TheOrderOfFlagsIsKept) {
  EXPECT_NE(Flags({{"RUSTFLAGS", "-a -b"}}, ""), Flags({{"RUSTFLAGS", "-b -a"}}, ""));
}

TEST(BuildFlagsTest, AFlagIsOneLine) {
  EXPECT_THAT(Flags({{"CARGO_ENCODED_RUSTFLAGS",
                      "a\nb\x1f"
                      "a\\nb"}},
                    ""),
              ElementsAre("\"a\\nb\"", "\"a\\\\nb\""));
}

TEST(BuildFlagsTest, OnlyPlatformsThatAreCompiledForHaveTables) {
  const TomlTable config = *ParseToml(R"(
[target.a]
linker = "la"
rustflags = ["-x"]
[target.b]
linker = "lb"
[target.'cfg(unix)']
linker = "lu"
[target.c]
rustflags = ["-x"]
)");
  EXPECT_EQ(PrintToml(PlatformTables(config, {"a", "c"})),
            "[a]\nlinker = \"la\"\n\n[\"cfg(unix)\"]\nlinker = \"lu\"\n");
  EXPECT_THAT(PlatformTables({}, {"a"}), IsEmpty());
}

}  // namespace
}  // namespace depcache
