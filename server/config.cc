#include "server/config.h"

#include <algorithm>
#include <cctype>

#include "cache/base/status.h"
#include "cache/base/text.h"
#include "cache/base/toml_depth.h"
#include "cache/base/toml_library.h"

namespace depcache::server {
namespace {

constexpr std::size_t kMaxTomlBytes = 1 << 20;

// A value of the file as the text a flag would have.
absl::StatusOr<std::string> TextOf(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return fmt::format("{}", *number);
  if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
  return InvalidArgument("the value is no string, number or boolean");
}

const Setting* FindSetting(std::string_view name) {
  for (const Setting& setting : Settings()) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

absl::Status ApplyToml(std::string_view text, LoadedConfig& loaded) {
  if (text.size() > kMaxTomlBytes) return InvalidArgument("config file is larger than 1 MiB");
  if (TomlDepthBound(text) > kMaxTomlDepth) {
    return InvalidArgument("config file nests more than {} deep", kMaxTomlDepth);
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return InvalidArgument("config file, line {}: {}", parsed.error().source().begin.line,
                           parsed.error().description());
  }
  for (const auto& [key, node] : parsed.table()) {
    const Setting* setting = FindSetting(key.str());
    if (setting == nullptr) {
      std::vector<std::string> names;
      for (const Setting& known : Settings()) names.push_back(known.name);
      const std::string nearest = NearestName(key.str(), names);
      return InvalidArgument("config file, line {}: unknown key '{}'{}", node.source().begin.line,
                             key.str(),
                             nearest.empty() ? "; depcache-server --print-config lists them"
                                             : fmt::format("; did you mean '{}'?", nearest));
    }
    const std::string where = fmt::format("config file, {}", setting->name);
    const absl::StatusOr<std::string> value = TextOf(node);
    if (!value.ok()) return Annotate(value.status(), where);
    DEPCACHE_RETURN_IF_ERROR(Annotate(setting->set(loaded.config, *value), where));
    loaded.origins[setting->name] = "file";
  }
  return absl::OkStatus();
}

// Text as it stands between the quotes of a TOML string.
std::string Quoted(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted;
}

// A name like "127.example.org" may be anywhere.
bool IsLoopback(std::string_view listen) {
  const std::string_view host = listen.substr(0, listen.rfind(':'));
  const bool is_number = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return (host.starts_with("127.") && is_number) || host == "localhost" || host == "[::1]" ||
         listen.starts_with("unix:");
}

}  // namespace

std::string Setting::Flag() const {
  std::string flag = "--" + name;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string Setting::Environment() const {
  std::string variable = "DEPCACHED_" + name;
  std::transform(variable.begin(), variable.end(), variable.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return variable;
}

absl::StatusOr<LoadedConfig> LoadConfig(const ConfigSources& sources) {
  LoadedConfig loaded;
  for (const Setting& setting : Settings()) loaded.origins[setting.name] = "default";
  if (sources.toml) DEPCACHE_RETURN_IF_ERROR(ApplyToml(*sources.toml, loaded));
  for (const Setting& setting : Settings()) {
    const std::string variable = setting.Environment();
    const char* value = sources.environment ? sources.environment(variable) : nullptr;
    if (value != nullptr && *value != '\0') {
      DEPCACHE_RETURN_IF_ERROR(Annotate(setting.set(loaded.config, value), variable));
      loaded.origins[setting.name] = "environment";
    }
    const auto flag = sources.flags.find(setting.name);
    if (flag != sources.flags.end()) {
      DEPCACHE_RETURN_IF_ERROR(Annotate(setting.set(loaded.config, flag->second), setting.Flag()));
      loaded.origins[setting.name] = "flag";
    }
  }
  return loaded;
}

absl::Status Validate(const Config& config) {
  if (config.store != "rocksdb" && config.store != "memory") {
    return InvalidArgument("store is '{}'; it can be 'rocksdb' or 'memory'", config.store);
  }
  if (config.store == "rocksdb" && config.data.empty()) {
    return InvalidArgument("no data folder; say --data DIR");
  }
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return InvalidArgument("TLS needs both --tls-cert and --tls-key");
  }
  const bool is_open = config.tokens.empty() || config.tls_cert.empty();
  if (!IsLoopback(config.listen) && is_open && !config.insecure) {
    return InvalidArgument(
        "refusing to listen on {} without {}: everyone who reaches it could decide what others "
        "build. Set --tokens, --tls-cert and --tls-key, or say --insecure",
        config.listen, config.tokens.empty() ? "tokens" : "TLS");
  }
  if (!config.metrics_listen.empty() && !IsLoopback(config.metrics_listen) && !config.insecure) {
    return InvalidArgument(
        "refusing to show metrics on {}: they need no token and have no TLS. Set --metrics-listen "
        "to a loopback address, or say --insecure",
        config.metrics_listen);
  }
  if (config.max_store_bytes < (1ULL << 20)) {
    return InvalidArgument("max_store_bytes is below 1 MiB");
  }
  if (config.generations < 2 || config.generations > 256) {
    return InvalidArgument("generations is {}; it can be 2 to 256", config.generations);
  }
  if (config.io_threads < 1) return InvalidArgument("io_threads is 0; it can be 1 to 256");
  if (config.ticket_ttl < std::chrono::seconds(1)) {
    return InvalidArgument("ticket_ttl is below a second: no layer could be read in time");
  }
  return absl::OkStatus();
}

std::string PrintConfig(const LoadedConfig& loaded) {
  std::string text;
  for (const Setting& setting : Settings()) {
    text += fmt::format("{} = \"{}\"  # {}\n", setting.name, Quoted(setting.get(loaded.config)),
                        loaded.origins.at(setting.name));
  }
  return text;
}

}  // namespace depcache::server
