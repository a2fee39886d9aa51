#pragma once

#include <memory>

#include <absl/status/statusor.h>

#include "client/command.h"

namespace depcache::client {

// The server of the settings, for commands which are nothing without one.
// Errors: UNAVAILABLE (none is set, or the setting is wrong; the message says
// what to do).
absl::StatusOr<std::unique_ptr<RemoteAdmin>> OpenAdmin(Context& context);

// Says what went wrong; the exit code that goes with it.
int FailToAsk(Context& context, const absl::Status& status);

}  // namespace depcache::client
