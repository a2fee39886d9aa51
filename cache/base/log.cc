#include "cache/base/log.h"

#include <memory>

#define SPDLOG_FMT_EXTERNAL_HO
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "cache/base/status.h"

namespace depcache {
namespace {

spdlog::logger& Logger() {
  // Never destroyed: RocksDB's and gRPC's threads may log while the process ends.
  static spdlog::logger& logger = *[] {
    auto* made = new spdlog::logger("depcache", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::warn);
    return made;
  }();
  return logger;
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  return static_cast<spdlog::level::level_enum>(static_cast<int>(level));
}

}  // namespace

absl::StatusOr<LogLevel> ParseLogLevel(std::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "info") return LogLevel::kInfo;
  if (name == "warn") return LogLevel::kWarn;
  if (name == "error") return LogLevel::kError;
  if (name == "off") return LogLevel::kOff;
  return InvalidArgument("log level '{}' is none of debug, info, warn, error, off", name);
}

void SetLogLevel(LogLevel level) { Logger().set_level(ToSpdlog(level)); }
bool IsLogged(LogLevel level) { return Logger().should_log(ToSpdlog(level)); }

void LogLine(LogLevel level, std::string_view message) {
  Logger().log(ToSpdlog(level), spdlog::string_view_t(message.data(), message.size()));
}

void FlushLog() { Logger().flush(); }

}  // namespace depcache
