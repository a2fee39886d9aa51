#include "client/commands/ask_server.h"

#include "cache/base/status.h"

namespace depcache::client {

absl::StatusOr<std::unique_ptr<RemoteAdmin>> OpenAdmin(Context& context) {
  if (context.config.is_off) return Unavailable("depcache is off (DEPCACHE_OFF)");
  if (context.config.server.empty()) {
    return Unavailable("no server is set; set DEPCACHE_SERVER=host:port");
  }
  if (!context.open_admin) return Unavailable("there is no way to ask a server here");
  return context.open_admin(context.config);
}

int FailToAsk(Context& context, const absl::Status& status) {
  context.terminal.Error(MessageOf(status));
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return static_cast<int>(ExitCode::kMiss);
    case absl::StatusCode::kInvalidArgument:
      return static_cast<int>(ExitCode::kUsage);
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return static_cast<int>(ExitCode::kFailed);
    default:
      return static_cast<int>(ExitCode::kUnavailable);
  }
}

}  // namespace depcache::client
