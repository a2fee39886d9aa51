// Everything the server can be told. Each setting is one row of a table: its
// flag (--max-store-bytes), environment variable (DEPCACHED_MAX_STORE_BYTES)
// and key of the TOML file (max_store_bytes) come from one name.

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/log.h"

namespace depcache::server {

// The initialisers are the defaults.
struct Config {
  std::string listen = "127.0.0.1:7450";
  std::string metrics_listen;  // "": no metrics
  std::filesystem::path data;
  std::string store = "rocksdb";
  std::filesystem::path tokens;
  std::filesystem::path tls_cert;
  std::filesystem::path tls_key;
  bool insecure = false;
  std::uint64_t max_store_bytes = 50ULL << 30;
  std::uint64_t min_free_bytes = 256ULL << 20;
  std::uint64_t block_cache_bytes = 64ULL << 20;
  std::uint32_t generations = 16;
  std::uint32_t io_threads = 4;
  std::uint32_t max_streams = 256;
  std::chrono::milliseconds drain{30'000};
  std::chrono::milliseconds ticket_ttl{600'000};
  LogLevel log_level = LogLevel::kInfo;
};

struct Setting {
  std::string name;  // "max_store_bytes"
  std::string help;
  bool is_flag = false;  // takes no value on the command line
  std::function<absl::Status(Config&, std::string_view)> set;
  std::function<std::string(const Config&)> get;

  std::string Flag() const;         // "--max-store-bytes"
  std::string Environment() const;  // "DEPCACHED_MAX_STORE_BYTES"
};

const std::vector<Setting>& Settings();

// A configuration and where each value came from.
struct LoadedConfig {
  Config config;
  std::map<std::string, std::string> origins;  // setting -> "default", "file", "environment", "flag"
};

struct ConfigSources {
  std::map<std::string, std::string> flags;  // setting -> text
  std::function<const char*(const std::string&)> environment;
  std::optional<std::string> toml;
};

// Flags over environment over file over defaults. Pure: reads no file. An
// empty environment variable counts as unset.
// Errors: INVALID_ARGUMENT naming the setting and where it stands; an unknown
// key of the file is an error which names the nearest right one.
absl::StatusOr<LoadedConfig> LoadConfig(const ConfigSources& sources);

// What one setting alone cannot show: TLS and token rules, limits that do not
// fit each other. Errors: INVALID_ARGUMENT naming the setting to change.
absl::Status Validate(const Config& config);

// One line per setting: name = value  # origin. A TOML file if saved.
std::string PrintConfig(const LoadedConfig& loaded);

}  // namespace depcache::server
