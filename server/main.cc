#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <pthread.h>

#include <CLI/CLI.hpp>

#include "cache/base/files.h"
#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/base/version.h"
#include "server/app.h"
#include "server/config.h"
#include "server/rpc/health_probe.h"

namespace depcache::server {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 1 << 20;
constexpr int kUsageExit = 2;
constexpr std::chrono::milliseconds kHealthBound{2000};

struct CommandLine {
  ConfigSources sources;
  bool prints_config = false;
  bool checks_health = false;
};

// Flags as the table of settings has them. Exits on --help, --version and
// errors of usage.
CommandLine ParseCommandLine(int argc, char** argv) {
  CommandLine line;
  std::string file;
  CLI::App app(
      "Keeps compiled Cargo dependencies for a team and serves them to depcache-client.\n"
      "Each setting is a flag, an environment variable (DEPCACHED_...) or a key of the file.",
      "depcache-server");
  app.set_version_flag("--version", "depcache-server " + std::string(Version()));
  app.add_option("--config", file, "TOML file of settings")->envname("DEPCACHED_CONFIG");
  app.add_flag("--print-config", line.prints_config,
               "Print each setting with its value and where that came from, and exit");
  app.add_flag("--check-health", line.checks_health,
               "Ask the server which runs here with these settings whether it serves: exit code 0 "
               "or 1, for container health checks");
  for (const Setting& setting : Settings()) {
    const auto set = [&line, name = setting.name](const std::string& text) {
      line.sources.flags[name] = text;
    };
    const std::string help = setting.help + "  [" + setting.Environment() + "]";
    if (setting.is_flag) {
      app.add_flag_function(
          setting.Flag(), [set](std::int64_t) { set("true"); }, help);
    } else {
      app.add_option_function<std::string>(setting.Flag(), set, help);
    }
  }
  app.footer("Example: depcache-server --listen 127.0.0.1:7450 --data /var/lib/depcache");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : kUsageExit);
  }
  if (!file.empty()) {
    absl::StatusOr<std::string> toml = ReadFile(file, kMaxConfigBytes);
    if (!toml.ok()) {
      std::fprintf(stderr, "depcache-server: %s\n", std::string(MessageOf(toml.status())).c_str());
      std::exit(kUsageExit);
    }
    line.sources.toml = *std::move(toml);
  }
  line.sources.environment = [](const std::string& name) { return std::getenv(name.c_str()); };
  return line;
}

int Fail(const absl::Status& status, int code) {
  std::fprintf(stderr, "depcache-server: %s\n", std::string(MessageOf(status)).c_str());
  return code;
}

int CheckHealth(const Config& config) {
  const absl::Status status =
      ProbeHealth(ProbeTarget(config.listen), !config.tls_cert.empty(), kHealthBound);
  return status.ok() ? 0 : Fail(status, 1);
}

int Main(int argc, char** argv) {
  const CommandLine line = ParseCommandLine(argc, argv);
  const absl::StatusOr<LoadedConfig> loaded = LoadConfig(line.sources);
  if (!loaded.ok()) return Fail(loaded.status(), kUsageExit);
  if (line.prints_config) {
    std::fputs(PrintConfig(*loaded).c_str(), stdout);
    return 0;
  }
  if (line.checks_health) return CheckHealth(loaded->config);
  if (const absl::Status status = Validate(loaded->config); !status.ok()) {
    return Fail(status, kUsageExit);
  }
  SetLogLevel(loaded->config.log_level);

  // Blocked before any thread starts, so that only sigwait sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  absl::StatusOr<std::unique_ptr<App>> app = App::Start(loaded->config);
  if (!app.ok()) return Fail(app.status(), 1);
  std::printf("depcache-server %s listens on %s (port %d)\n", std::string(Version()).c_str(),
              loaded->config.listen.c_str(), (*app)->port());
  if ((*app)->metrics_port() != 0) {
    std::printf("metrics on %s (port %d)\n", loaded->config.metrics_listen.c_str(),
                (*app)->metrics_port());
  }
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  Log(LogLevel::kInfo, "stopping");
  (*app)->Stop();
  app->reset();
  Log(LogLevel::kInfo, "stopped");
  FlushLog();
  return 0;
}

}  // namespace
}  // namespace depcache::server

int main(int argc, char** argv) { return depcache::server::Main(argc, argv); }
