#include "client/config.h"

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

using Variables = std::map<std::string, std::string>;

TEST(ConfigFileTest, FollowsXdg) {
  EXPECT_EQ(ConfigFile({{"XDG_CONFIG_HOME", "/x"}, {"HOME", "/h"}}), "/x/depcache/config.toml");
  EXPECT_EQ(ConfigFile({{"XDG_CONFIG_HOME", ""}, {"HOME", "/h"}}),
            "/h/.config/depcache/config.toml");
  EXPECT_EQ(ConfigFile({}), "");
}

TEST(LoadClientConfigTest, WithoutAnythingThereAreTheDefaults) {
  const auto config = LoadClientConfig({}, std::nullopt);
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->server, "");
  EXPECT_FALSE(config->allow_plaintext);
  EXPECT_EQ(config->connect_bound, std::chrono::milliseconds(1000));
}

TEST(LoadClientConfigTest, VariablesWinOverTheFileAndEmptyOnesDoNotCount) {
  const std::string toml = "server = \"file:1\"\nscope = \"dev\"\nquiet = true\n";
  const auto config =
      LoadClientConfig({{"DEPCACHE_SERVER", "env:2"}, {"DEPCACHE_SCOPE", ""}}, toml);
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->server, "env:2");
  EXPECT_EQ(config->scope, "dev");
  EXPECT_TRUE(config->is_quiet);
}

TEST(LoadClientConfigTest, AnUnknownKeyNamesTheNearestRightOneAndItsLine) {
  const auto config = LoadClientConfig({}, "\nservr = \"x\"\n");
  EXPECT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(config.status().ToString(), HasSubstr("line 2: unknown key 'servr'"));
  EXPECT_THAT(config.status().ToString(), HasSubstr("did you mean 'server'?"));
}

TEST(LoadClientConfigTest, AWrongValueNamesItsSetting) {
  EXPECT_THAT(LoadClientConfig({{"DEPCACHE_OFF", "perhaps"}}, std::nullopt).status().ToString(),
              HasSubstr("DEPCACHE_OFF"));
  EXPECT_THAT(LoadClientConfig({}, "lock_bound = \"soon\"").status().ToString(),
              HasSubstr("lock_bound"));
  EXPECT_THAT(LoadClientConfig({}, "server = [1]").status().ToString(), HasSubstr("server"));
  EXPECT_THAT(LoadClientConfig({}, "server = \n").status().ToString(), HasSubstr("line 1"));
  EXPECT_FALSE(LoadClientConfig({}, std::string((1 << 20) + 1, '#')).ok());
}

TEST(LoadClientConfigTest, TimesAndFlagsAreWrittenAsPeopleWriteThem) {
  const auto config = LoadClientConfig(
      {{"DEPCACHE_STALL_BOUND", "1.5s"}, {"DEPCACHE_ALLOW_PLAINTEXT", "yes"}}, "off = 0\n");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->stall_bound, std::chrono::milliseconds(1500));
  EXPECT_TRUE(config->allow_plaintext);
  EXPECT_FALSE(config->is_off);
}

TEST(LoadClientConfigTest, TheTokenFileIsReadUnlessThereIsAToken) {
  const testing::TestFolder folder;
  const std::string file = folder.Write("token", "  secret\n");
  const auto from_file = LoadClientConfig({{"DEPCACHE_TOKEN_FILE", file}}, std::nullopt);
  ASSERT_THAT(from_file, IsOk());
  EXPECT_EQ(from_file->token, "secret");
  const auto both =
      LoadClientConfig({{"DEPCACHE_TOKEN_FILE", file}, {"DEPCACHE_TOKEN", "other"}}, std::nullopt);
  ASSERT_THAT(both, IsOk());
  EXPECT_EQ(both->token, "other");
  EXPECT_THAT(LoadClientConfig({{"DEPCACHE_TOKEN_FILE", folder / "gone"}}, std::nullopt).status(),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(LoadClientConfigTest, ATokenWithWhiteSpaceIsRefusedAndNotRepeated) {
  const auto config = LoadClientConfig({{"DEPCACHE_TOKEN", "top\nsecret"}}, std::nullopt);
  EXPECT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(config.status().ToString(), Not(HasSubstr("secret")));
}

TEST(ClientSettingsTest, WhatIsShownOfASettingIsReadBackAsTheSame) {
  ClientConfig config;
  for (const ClientSetting& setting : ClientSettings()) {
    EXPECT_NE(setting.help, "") << setting.name;
    EXPECT_TRUE(setting.environment.starts_with("DEPCACHE_")) << setting.name;
    if (setting.name == "token") continue;
    const std::string shown = setting.get(config);
    ASSERT_THAT(setting.set(config, shown), IsOk()) << setting.name;
    EXPECT_EQ(setting.get(config), shown);
  }
}

TEST(ClientSettingsTest, TheTokenIsNeverShown) {
  ClientConfig config;
  config.token = "secret";
  for (const ClientSetting& setting : ClientSettings()) {
    EXPECT_THAT(setting.get(config), Not(HasSubstr("secret"))) << setting.name;
  }
}

}  // namespace
}  // namespace depcache::client
