#include "server/config.h"

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/support/status_matchers.h"

namespace depcache::server {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

ConfigSources Sources(std::map<std::string, std::string> flags,
                      std::map<std::string, std::string> environment = {},
                      std::optional<std::string> toml = std::nullopt) {
  ConfigSources sources;
  sources.flags = std::move(flags);
  sources.environment = [variables = std::move(environment)](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  sources.toml = std::move(toml);
  return sources;
}

std::string ErrorOf(const ConfigSources& sources) {
  const auto loaded = LoadConfig(sources);
  EXPECT_THAT(loaded, StatusIs(kInvalid));
  return std::string(MessageOf(loaded.status()));
}

// A value each setting takes, other than its default, as it is printed.
const std::map<std::string, std::string>& OtherValues() {
  static const std::map<std::string, std::string> values = {{"listen", "127.0.0.1:1"},
                                                            {"data", "/d"},
                                                            {"store", "memory"},
                                                            {"tokens", "/t.toml"},
                                                            {"tls_cert", "/c.pem"},
                                                            {"tls_key", "/k.pem"},
                                                            {"insecure", "true"},
                                                            {"max_store_bytes", "7000000"},
                                                            {"min_free_bytes", "8"},
                                                            {"block_cache_bytes", "9"},
                                                            {"generations", "10"},
                                                            {"io_threads", "11"},
                                                            {"max_streams", "12"},
                                                            {"drain", "13ms"},
                                                            {"ticket_ttl", "14000ms"},
                                                            {"log_level", "warn"},
                                                            {"metrics_listen", "127.0.0.1:2"}};
  return values;
}

TEST(ServerConfigTest, EverySettingIsFlagVariableAndKey) {
  for (const Setting& setting : Settings()) {
    ASSERT_TRUE(OtherValues().contains(setting.name)) << setting.name << " has no test value";
    const std::string& value = OtherValues().at(setting.name);
    ASSERT_NE(setting.get(Config()), value) << setting.name;
    const std::vector<std::pair<std::string, ConfigSources>> ways = {
        {"flag", Sources({{setting.name, value}})},
        {"environment", Sources({}, {{setting.Environment(), value}})},
        {"file", Sources({}, {}, fmt::format("{} = \"{}\"\n", setting.name, value))}};
    for (const auto& [origin, sources] : ways) {
      const auto loaded = LoadConfig(sources);
      ASSERT_THAT(loaded, IsOk()) << setting.name << " by " << origin;
      for (const Setting& other : Settings()) {
        const bool is_this = other.name == setting.name;
        EXPECT_EQ(other.get(loaded->config), is_this ? value : other.get(Config())) << other.name;
        EXPECT_EQ(loaded->origins.at(other.name), is_this ? origin : "default") << other.name;
      }
    }
  }
}

TEST(ServerConfigTest, FlagOverEnvironmentOverFile) {
  const std::string file = "listen = \"of file\"\ndata = \"of file\"\nstore = \"of file\"\n";
  const auto loaded =
      LoadConfig(Sources({{"listen", "of flag"}},
                         {{"DEPCACHED_LISTEN", "of env"}, {"DEPCACHED_DATA", "of env"}}, file));
  ASSERT_THAT(loaded, IsOk());
  EXPECT_EQ(loaded->config.listen, "of flag");
  EXPECT_EQ(loaded->config.data, "of env");
  EXPECT_EQ(loaded->config.store, "of file");
  EXPECT_EQ(loaded->origins.at("listen"), "flag");
  EXPECT_EQ(loaded->origins.at("data"), "environment");
  EXPECT_EQ(loaded->origins.at("store"), "file");
  EXPECT_EQ(loaded->origins.at("tokens"), "default");
}

TEST(ServerConfigTest, AnEmptyVariableIsUnset) {
  const auto loaded = LoadConfig(Sources({}, {{"DEPCACHED_IO_THREADS", ""}}));
  ASSERT_THAT(loaded, IsOk());
  EXPECT_EQ(loaded->config.io_threads, Config().io_threads);
}

TEST(ServerConfigTest, AnUnknownKeyNamesTheNearest) {
  EXPECT_EQ(ErrorOf(Sources({}, {}, "listen = \"x\"\nmax_store_byte = 5\n")),
            "config file, line 2: unknown key 'max_store_byte'; did you mean 'max_store_bytes'?");
  EXPECT_THAT(ErrorOf(Sources({}, {}, "something_else_altogether = 5\n")),
              HasSubstr("--print-config"));
}

TEST(ServerConfigTest, ErrorsSayWhereTheValueStands) {
  EXPECT_THAT(ErrorOf(Sources({{"io_threads", "many"}})), HasSubstr("--io-threads: 'many'"));
  EXPECT_THAT(ErrorOf(Sources({}, {{"DEPCACHED_DRAIN", "soon"}})),
              HasSubstr("DEPCACHED_DRAIN: 'soon'"));
  EXPECT_THAT(ErrorOf(Sources({}, {}, "generations = 257")), HasSubstr("config file, generations"));
  EXPECT_THAT(ErrorOf(Sources({}, {}, "listen = [1]")), HasSubstr("config file, listen"));
  EXPECT_THAT(ErrorOf(Sources({}, {}, "[listen]\na = 1")), HasSubstr("config file, listen"));
  EXPECT_THAT(ErrorOf(Sources({}, {}, "x\n= 1")), HasSubstr("config file, line"));
}

TEST(ServerConfigTest, ValuesOfTheFileMayBeTyped) {
  const auto loaded =
      LoadConfig(Sources({}, {}, "insecure = true\ngenerations = 4\nmax_store_bytes = \"1GiB\"\n"));
  ASSERT_THAT(loaded, IsOk());
  EXPECT_TRUE(loaded->config.insecure);
  EXPECT_EQ(loaded->config.generations, 4);
  EXPECT_EQ(loaded->config.max_store_bytes, 1ULL << 30);
  EXPECT_FALSE(LoadConfig(Sources({}, {}, "generations = 4.5")).ok());
  EXPECT_FALSE(LoadConfig(Sources({}, {}, "generations = -4")).ok());
}

TEST(ServerConfigTest, AFileIsBounded) {
  EXPECT_THAT(ErrorOf(Sources({}, {}, std::string((1 << 20) + 1, '#'))),
              HasSubstr("larger than 1 MiB"));
  std::string deep = "a";
  for (int i = 0; i < 300'000; ++i) deep += ".a";
  EXPECT_THAT(ErrorOf(Sources({}, {}, deep + " = 1")), HasSubstr("deep"));
}

TEST(ServerConfigTest, WhatIsPrintedCanBeSavedAndRead) {
  std::map<std::string, std::string> flags = OtherValues();
  const auto loaded = LoadConfig(Sources(flags));
  ASSERT_THAT(loaded, IsOk());
  const std::string text = PrintConfig(*loaded);
  EXPECT_THAT(text, HasSubstr("generations = \"10\"  # flag\n"));
  const auto again = LoadConfig(Sources({}, {}, text));
  ASSERT_THAT(again, IsOk());
  for (const Setting& setting : Settings()) {
    EXPECT_EQ(setting.get(again->config), setting.get(loaded->config)) << setting.name;
  }
}

TEST(ServerConfigTest, PathsWithQuotesAndBackslashesArePrintedSoThatTheyComeBack) {
  const std::string odd = "/srv/a \"b\"\\c";
  const auto loaded = LoadConfig(Sources({{"data", odd}}));
  ASSERT_THAT(loaded, IsOk());
  const auto again = LoadConfig(Sources({}, {}, PrintConfig(*loaded)));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->config.data, odd);
}

Config Valid() {
  Config config;
  config.data = "/data";
  return config;
}

std::string Verdict(const Config& config) {
  const absl::Status status = Validate(config);
  if (status.ok()) return "ok";
  EXPECT_THAT(status, StatusIs(kInvalid));
  return std::string(MessageOf(status));
}

TEST(ServerConfigTest, BeyondLoopbackTokensAndTlsAreNeeded) {
  for (const char* listen : {"0.0.0.0:7450", "[::]:7450", "10.0.0.1:7450", "example.org:7450",
                             "127.example.org:7450", "128.0.0.1:7450", "localhost.example.org:1"}) {
    Config config = Valid();
    config.listen = listen;
    EXPECT_THAT(Verdict(config), HasSubstr("without tokens")) << listen;
    config.tokens = "/t";
    EXPECT_THAT(Verdict(config), HasSubstr("without TLS")) << listen;
    config.tls_cert = config.tls_key = "/x";
    EXPECT_EQ(Verdict(config), "ok") << listen;
    config.tokens = "";
    EXPECT_THAT(Verdict(config), HasSubstr("without tokens")) << listen;
    config = Valid();
    config.listen = listen;
    config.insecure = true;
    EXPECT_EQ(Verdict(config), "ok") << listen;
  }
}

TEST(ServerConfigTest, MetricsStayOnLoopback) {
  Config config;
  config.data = "/data";
  for (const char* listen : {"127.0.0.1:7451", "localhost:0", "[::1]:9"}) {
    config.metrics_listen = listen;
    EXPECT_THAT(Validate(config), IsOk()) << listen;
  }
  config.tokens = config.tls_cert = config.tls_key = "/file";  // they protect the other listener
  for (const char* listen : {"0.0.0.0:7451", "7451", "10.0.0.1:7451", "127.example.org:7451"}) {
    config.metrics_listen = listen;
    EXPECT_THAT(Validate(config), StatusIs(absl::StatusCode::kInvalidArgument)) << listen;
  }
  config.insecure = true;
  EXPECT_THAT(Validate(config), IsOk());
}

TEST(ServerConfigTest, OnLoopbackNothingIsNeeded) {
  for (const char* listen :
       {"127.0.0.1:7450", "127.1.2.3:0", "localhost:1", "[::1]:7450", "unix:/run/depcache.sock"}) {
    Config config = Valid();
    config.listen = listen;
    EXPECT_EQ(Verdict(config), "ok") << listen;
  }
}

TEST(ServerConfigTest, WhatDoesNotFitIsNamed) {
  Config config = Valid();
  config.store = "disk";
  EXPECT_THAT(Verdict(config), HasSubstr("store is 'disk'"));
  config = Valid();
  config.data.clear();
  EXPECT_THAT(Verdict(config), HasSubstr("--data"));
  config.store = "memory";
  EXPECT_EQ(Verdict(config), "ok");
  config = Valid();
  config.tls_cert = "/c";
  EXPECT_THAT(Verdict(config), HasSubstr("--tls-key"));
  config = Valid();
  config.max_store_bytes = (1 << 20) - 1;
  EXPECT_THAT(Verdict(config), HasSubstr("max_store_bytes"));
  for (const std::uint32_t generations : {0U, 1U, 257U}) {
    config = Valid();
    config.generations = generations;
    EXPECT_THAT(Verdict(config), HasSubstr("generations")) << generations;
  }
  config = Valid();
  config.io_threads = 0;
  EXPECT_THAT(Verdict(config), HasSubstr("io_threads"));
  config = Valid();
  config.ticket_ttl = std::chrono::milliseconds(999);
  EXPECT_THAT(Verdict(config), HasSubstr("ticket_ttl"));
}

}  // namespace
}  // namespace depcache::server
