// The table itself: names, help, and that each row reads what it prints.

#include <set>

#include <gtest/gtest.h>

#include "server/config.h"
#include "tests/support/status_matchers.h"

namespace depcache::server {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::MatchesRegex;

const Setting& Named(std::string_view name) {
  for (const Setting& setting : Settings()) {
    if (setting.name == name) return setting;
  }
  ADD_FAILURE() << "no setting " << name;
  return Settings()[0];
}

TEST(SettingsTest, NamesAreOfOneForm) {
  std::set<std::string> names;
  for (const Setting& setting : Settings()) {
    EXPECT_THAT(setting.name, MatchesRegex("[a-z]+(_[a-z]+)*"));
    EXPECT_FALSE(setting.help.empty()) << setting.name;
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name << " occurs twice";
  }
}

TEST(SettingsTest, FlagAndVariableComeFromTheName) {
  EXPECT_EQ(Named("max_store_bytes").Flag(), "--max-store-bytes");
  EXPECT_EQ(Named("max_store_bytes").Environment(), "DEPCACHED_MAX_STORE_BYTES");
  EXPECT_TRUE(Named("insecure").is_flag);
  EXPECT_FALSE(Named("listen").is_flag);
}

TEST(SettingsTest, WhatARowPrintsItReads) {
  for (const Setting& setting : Settings()) {
    const std::string text = setting.get(Config());
    Config config;
    EXPECT_THAT(setting.set(config, text), IsOk()) << setting.name;
    EXPECT_EQ(setting.get(config), text) << setting.name;
  }
}

TEST(SettingsTest, NumbersHaveLimits) {
  Config config;
  EXPECT_THAT(Named("io_threads").set(config, "256"), IsOk());
  EXPECT_THAT(Named("io_threads").set(config, "257"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(config.io_threads, 256) << "a refused value changes nothing";
  EXPECT_THAT(Named("max_streams").set(config, "65537"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Named("drain").set(config, "1m"), IsOk());
  EXPECT_EQ(config.drain, std::chrono::minutes(1));
}

TEST(SettingsTest, EveryLevelComesBack) {
  for (const char* level : {"debug", "info", "warn", "error", "off"}) {
    Config config;
    EXPECT_THAT(Named("log_level").set(config, level), IsOk());
    EXPECT_EQ(Named("log_level").get(config), level);
  }
}

}  // namespace
}  // namespace depcache::server
