#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "client/config.h"
#include "client/remote/remote_admin.h"
#include "client/remote/remote_cache.h"
#include "client/system/process.h"
#include "client/terminal.h"

namespace depcache::client {

// The environment of this process, as a value.
using Environment = std::map<std::string, std::string>;

// A variable's value, or "" if it is not set.
std::string Get(const Environment& environment, const std::string& name);

// What every command works with. Made once, in main.
struct Context {
  Environment environment;
  std::filesystem::path cwd;
  std::filesystem::path self;  // this program
  ClientConfig config;
  ProcessRunner& processes;
  Terminal& terminal;
  // Opens the configured server; tests hand in their own.
  std::function<absl::StatusOr<std::unique_ptr<RemoteCache>>(const ClientConfig&)> open_remote;
  std::function<absl::StatusOr<std::unique_ptr<RemoteAdmin>>(const ClientConfig&)> open_admin = {};
};

}  // namespace depcache::client
