#pragma once

#include "client/context.h"
#include "client/cook/summary.h"
#include "client/flags/cargo_flags.h"

namespace depcache::client {

enum class CookMode {
  kCook,   // restore, else compile and share
  kFetch,  // restore or nothing
  kPush,   // share what is there, compile nothing
};

// The whole of `cook`, `fetch` and `push`, up to the summary; its exit code is
// the command's. Never in the way: with no server, or one that fails, cook
// ends as plain cargo would.
CookSummary RunCook(Context& context, const CargoFlags& flags, CookMode mode);

}  // namespace depcache::client
