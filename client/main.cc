#include <cstdio>
#include <filesystem>
#include <system_error>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "client/cargo/run_wrapper.h"
#include "client/cli.h"
#include "client/commands/commands.h"
#include "client/context.h"
#include "client/remote/grpc_remote_admin.h"
#include "client/remote/grpc_remote_cache.h"
#include "client/system/interrupt.h"

extern char** environ;

namespace depcache::client {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 1 << 20;

Environment ReadEnvironment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

RemoteOptions OptionsOf(const ClientConfig& config) {
  RemoteOptions options;
  options.server = config.server;
  options.token = config.token;
  options.instance = config.instance;
  options.scope = config.scope;
  options.ca_file = config.ca_file;
  options.allow_plaintext = config.allow_plaintext;
  options.connect_bound = config.connect_bound;
  options.lookup_bound = config.lookup_bound;
  options.stall_bound = config.stall_bound;
  return options;
}

// A wrong configuration must not stop a build: it is said, and the server is
// left out.
ClientConfig LoadConfig(const Environment& environment, Terminal& terminal) {
  std::optional<std::string> toml;
  if (const std::filesystem::path file = ConfigFile(environment); !file.empty()) {
    absl::StatusOr<std::string> text = ReadFile(file, kMaxConfigBytes);
    if (text.ok()) toml = *std::move(text);
  }
  absl::StatusOr<ClientConfig> config = LoadClientConfig(environment, toml);
  if (config.ok()) return *std::move(config);
  terminal.Warn(fmt::format("{}; going on without a server", MessageOf(config.status())));
  return ClientConfig{};
}

int Main(int argc, char** argv) {
  const std::vector<std::unique_ptr<Command>> commands = MakeCommands();
  const Chosen chosen = ParseCommandLine(commands, argc, argv);
  if (chosen.command == nullptr) return chosen.exit_code;
  CatchInterrupts();
  Terminal terminal(TerminalOptions(/*is_quiet=*/false));
  PosixProcessRunner processes;
  const Environment environment = ReadEnvironment();
  std::error_code error;
  Context context{environment,
                  std::filesystem::current_path(error),
                  std::filesystem::read_symlink("/proc/self/exe", error),
                  LoadConfig(environment, terminal),
                  processes,
                  terminal,
                  [](const ClientConfig& config) { return OpenRemoteCache(OptionsOf(config)); },
                  [](const ClientConfig& config) { return OpenRemoteAdmin(OptionsOf(config)); }};
  return chosen.command->Run(context);
}

}  // namespace
}  // namespace depcache::client

int main(int argc, char** argv) {
  // First of all: as rustc wrapper this runs once for each crate.
  if (depcache::client::IsCalledAsWrapper(argv[0])) {
    return depcache::client::RunAsWrapper(argc, argv);
  }
  return depcache::client::Main(argc, argv);
}
