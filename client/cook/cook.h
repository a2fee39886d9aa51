#pragma once

#include <cstdint>

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
// the command's. With `verify_percent`, so many of the units that are there in
// the end are compiled again and compared (verify.h). Never in the way: with no server, or one that fails, cook
// ends as plain cargo would.
CookSummary RunCook(Context& context, const CargoFlags& flags, CookMode mode,
                    std::uint32_t verify_percent = 0);

}  // namespace depcache::client
