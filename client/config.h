// What the client can be told about itself: which server, as whom, how long
// to wait. Cargo's flags are not here.

#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache::client {

// The initialisers are the defaults.
struct ClientConfig {
  std::string server;   // "" : no server
  std::string token;
  std::string token_file;
  std::string instance;
  std::string scope;
  std::string ca_file;
  bool allow_plaintext = false;
  bool is_off = false;  // plain cargo, and nothing else
  bool is_quiet = false;
  std::chrono::milliseconds connect_bound{1000};
  std::chrono::milliseconds lookup_bound{3000};
  std::chrono::milliseconds stall_bound{10'000};
  std::chrono::milliseconds lock_bound{10'000};
  std::chrono::milliseconds wait_bound{120'000};
};

struct ClientSetting {
  std::string name;         // key of the file: "server"
  std::string environment;  // "DEPCACHE_SERVER"
  std::string help;
  absl::Status (*set)(ClientConfig&, std::string_view);
  std::string (*get)(const ClientConfig&);  // secrets as "(set)"
};

const std::vector<ClientSetting>& ClientSettings();

// The file of settings: $XDG_CONFIG_HOME/depcache/config.toml, else
// ~/.config/depcache/config.toml; "" without a home.
std::filesystem::path ConfigFile(const std::map<std::string, std::string>& environment);

// Environment over file over defaults; an empty variable counts as unset.
// Reads the token file. Pure but for that. Errors: INVALID_ARGUMENT naming the
// setting; an unknown key names the nearest right one.
absl::StatusOr<ClientConfig> LoadClientConfig(const std::map<std::string, std::string>& environment,
                                              const std::optional<std::string>& toml);

}  // namespace depcache::client
