// The one place which includes spdlog. Messages go to stderr.
//
// Log an error where it is handled, never where it is passed on. info is for
// operators, debug for us. Thread-safe. Never log under a lock.

#pragma once

#include <string_view>
#include <utility>

#include <absl/status/statusor.h>
#include <fmt/format.h>

namespace depcache {

enum class LogLevel : int { kDebug = 1, kInfo = 2, kWarn = 3, kError = 4, kOff = 6 };

// Errors: INVALID_ARGUMENT unless `name` is debug, info, warn, error or off.
absl::StatusOr<LogLevel> ParseLogLevel(std::string_view name);

// Messages below `level` are dropped. The default is info.
void SetLogLevel(LogLevel level);
bool IsLogged(LogLevel level);

void LogLine(LogLevel level, std::string_view message);
void FlushLog();

template <typename... Args>
void Log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (IsLogged(level)) LogLine(level, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace depcache
