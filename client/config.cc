#include "client/config.h"

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/base/text.h"
#include "cache/base/toml_depth.h"
#include "cache/base/toml_library.h"

namespace depcache::client {
namespace {

constexpr std::size_t kMaxTomlBytes = 1 << 20;
constexpr std::uint64_t kMaxTokenBytes = 4096;

template <std::string ClientConfig::*field>
absl::Status SetText(ClientConfig& config, std::string_view text) {
  config.*field = text;
  return absl::OkStatus();
}
template <std::string ClientConfig::*field>
std::string GetText(const ClientConfig& config) {
  return config.*field;
}

template <bool ClientConfig::*field>
absl::Status SetFlag(ClientConfig& config, std::string_view text) {
  DEPCACHE_ASSIGN_OR_RETURN(config.*field, ParseBool(text));
  return absl::OkStatus();
}
template <bool ClientConfig::*field>
std::string GetFlag(const ClientConfig& config) {
  return config.*field ? "true" : "false";
}

template <std::chrono::milliseconds ClientConfig::*field>
absl::Status SetTime(ClientConfig& config, std::string_view text) {
  DEPCACHE_ASSIGN_OR_RETURN(config.*field, ParseDuration(text));
  return absl::OkStatus();
}
template <std::chrono::milliseconds ClientConfig::*field>
std::string GetTime(const ClientConfig& config) {
  return fmt::format("{}ms", (config.*field).count());
}

std::string GetToken(const ClientConfig& config) { return config.token.empty() ? "" : "(set)"; }

absl::StatusOr<std::string> TextOf(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return fmt::format("{}", *number);
  if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
  return InvalidArgument("the value is no string, number or boolean");
}

absl::Status ApplyToml(std::string_view text, ClientConfig& config) {
  if (text.size() > kMaxTomlBytes) return InvalidArgument("config file is larger than 1 MiB");
  if (TomlDepthBound(text) > kMaxTomlDepth) {
    return InvalidArgument("config file nests more than {} deep", kMaxTomlDepth);
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return InvalidArgument("config file, line {}: {}", parsed.error().source().begin.line,
                           parsed.error().description());
  }
  std::vector<std::string> names;
  for (const ClientSetting& setting : ClientSettings()) names.push_back(setting.name);
  for (const auto& [key, node] : parsed.table()) {
    const ClientSetting* found = nullptr;
    for (const ClientSetting& setting : ClientSettings()) {
      if (setting.name == key.str()) found = &setting;
    }
    if (found == nullptr) {
      const std::string nearest = NearestName(key.str(), names);
      return InvalidArgument("config file, line {}: unknown key '{}'{}", node.source().begin.line,
                             key.str(),
                             nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest));
    }
    const absl::StatusOr<std::string> value = TextOf(node);
    if (!value.ok()) return Annotate(value.status(), fmt::format("config file, {}", found->name));
    DEPCACHE_RETURN_IF_ERROR(
        Annotate(found->set(config, *value), fmt::format("config file, {}", found->name)));
  }
  return absl::OkStatus();
}

}  // namespace

const std::vector<ClientSetting>& ClientSettings() {
  using C = ClientConfig;
  static const std::vector<ClientSetting> settings = {
      {"server", "DEPCACHE_SERVER", "host:port, grpc://host:port or grpcs://host:port (TLS)",
       SetText<&C::server>, GetText<&C::server>},
      {"token", "DEPCACHE_TOKEN", "token that the server gave you", SetText<&C::token>, GetToken},
      {"token_file", "DEPCACHE_TOKEN_FILE", "file which holds the token",
       SetText<&C::token_file>, GetText<&C::token_file>},
      {"instance", "DEPCACHE_INSTANCE", "instance of the server", SetText<&C::instance>,
       GetText<&C::instance>},
      {"scope", "DEPCACHE_SCOPE", "scope to write to and to read first; default main",
       SetText<&C::scope>, GetText<&C::scope>},
      {"ca_file", "DEPCACHE_CA_FILE", "PEM file of the authorities to trust for TLS",
       SetText<&C::ca_file>, GetText<&C::ca_file>},
      {"allow_plaintext", "DEPCACHE_ALLOW_PLAINTEXT", "speak to another machine without TLS",
       SetFlag<&C::allow_plaintext>, GetFlag<&C::allow_plaintext>},
      {"off", "DEPCACHE_OFF", "do nothing but call cargo", SetFlag<&C::is_off>, GetFlag<&C::is_off>},
      {"quiet", "DEPCACHE_QUIET", "say nothing unless something fails", SetFlag<&C::is_quiet>,
       GetFlag<&C::is_quiet>},
      {"connect_bound", "DEPCACHE_CONNECT_BOUND", "longest wait for a connection",
       SetTime<&C::connect_bound>, GetTime<&C::connect_bound>},
      {"lookup_bound", "DEPCACHE_LOOKUP_BOUND", "longest wait for the answer to a look-up",
       SetTime<&C::lookup_bound>, GetTime<&C::lookup_bound>},
      {"stall_bound", "DEPCACHE_STALL_BOUND", "longest silence within a transfer",
       SetTime<&C::stall_bound>, GetTime<&C::stall_bound>},
      {"lock_bound", "DEPCACHE_LOCK_BOUND", "longest wait for another cargo in the same folder",
       SetTime<&C::lock_bound>, GetTime<&C::lock_bound>},
      {"wait_bound", "DEPCACHE_WAIT_BOUND", "longest wait for a unit that another machine compiles",
       SetTime<&C::wait_bound>, GetTime<&C::wait_bound>},
  };
  return settings;
}

std::filesystem::path ConfigFile(const std::map<std::string, std::string>& environment) {
  const auto get = [&](const char* name) {
    const auto entry = environment.find(name);
    return entry == environment.end() ? std::string() : entry->second;
  };
  if (!get("XDG_CONFIG_HOME").empty()) {
    return std::filesystem::path(get("XDG_CONFIG_HOME")) / "depcache" / "config.toml";
  }
  if (get("HOME").empty()) return {};
  return std::filesystem::path(get("HOME")) / ".config" / "depcache" / "config.toml";
}

absl::StatusOr<ClientConfig> LoadClientConfig(const std::map<std::string, std::string>& environment,
                                              const std::optional<std::string>& toml) {
  ClientConfig config;
  if (toml) DEPCACHE_RETURN_IF_ERROR(ApplyToml(*toml, config));
  for (const ClientSetting& setting : ClientSettings()) {
    const auto entry = environment.find(setting.environment);
    if (entry == environment.end() || entry->second.empty()) continue;
    DEPCACHE_RETURN_IF_ERROR(Annotate(setting.set(config, entry->second), setting.environment));
  }
  if (config.token.empty() && !config.token_file.empty()) {
    absl::StatusOr<std::string> token = ReadFile(config.token_file, kMaxTokenBytes);
    if (!token.ok()) return Annotate(token.status(), "token_file");
    config.token = Trim(*token);
  }
  if (config.token.find_first_of(" \t\r\n") != std::string::npos) {
    return InvalidArgument("the token has white space in it; is the token file the right one?");
  }
  return config;
}

}  // namespace depcache::client
