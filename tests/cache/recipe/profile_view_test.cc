#include "cache/recipe/profile_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/toml_text.h"

namespace depcache {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ProfileViewTest, AChainEndsAtABuiltInProfile) {
  const TomlTable root = *ParseToml(
      "[profile.fast]\ninherits = 'mid'\n[profile.mid]\ninherits = 'release'\n"
      "[profile.loop]\ninherits = 'pool'\n[profile.pool]\ninherits = 'loop'\n");
  const auto chain = [&root](std::string_view name) { return ProfileChain(name, root, {}, {}); };
  EXPECT_THAT(chain("fast"), ElementsAre("fast", "mid", "release"));
  EXPECT_THAT(chain("release"), ElementsAre("release"));
  EXPECT_THAT(chain("dev"), ElementsAre("dev"));
  EXPECT_THAT(chain("test"), ElementsAre("test", "dev"));
  EXPECT_THAT(chain("bench"), ElementsAre("bench", "release"));
  EXPECT_THAT(chain("unknown"), ElementsAre("unknown"));
  EXPECT_THAT(chain("loop"), ElementsAre("loop", "pool"));
}

TEST(ProfileViewTest, VariablesGoBeforeConfigurationBeforeManifest) {
  const TomlTable root = *ParseToml("[profile.my-ci]\ninherits = 'dev'\n");
  const TomlTable config = *ParseToml("[profile.my-ci]\ninherits = 'release'\n");
  EXPECT_THAT(ProfileChain("my-ci", root, config, {}), ElementsAre("my-ci", "release"));
  EXPECT_THAT(ProfileChain("my-ci", root, config, {{"CARGO_PROFILE_MY_CI_INHERITS", "bench"}}),
              ElementsAre("my-ci", "bench", "release"));
}

TEST(ProfileViewTest, OnlySettingsOfTheChainHaveLines) {
  const TomlTable table = *ParseToml(
      "[profile.release]\nlto = 'thin'\n[profile.release.package.'*']\nopt-level = 2\n"
      "[profile.dev]\ndebug = 0\n[profile.fast]\ninherits = 'release'\n");
  EXPECT_THAT(ProfileLines({"fast", "release"}, table),
              ElementsAre("fast.inherits = \"release\"", "release.lto = \"thin\"",
                          "release.package.\"*\".opt-level = 2"));
  EXPECT_THAT(ProfileLines({"release"}, {}), IsEmpty());
}

TEST(ProfileViewTest, KeysHaveAFormInVariables) {
  EXPECT_EQ(VariableForm("x86_64-unknown-linux-gnu"), "X86_64_UNKNOWN_LINUX_GNU");
  EXPECT_EQ(VariableForm("thumbv8m.main-none"), "THUMBV8M_MAIN_NONE");
}

}  // namespace
}  // namespace depcache
