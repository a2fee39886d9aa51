// Runs a command whenever the recipe of a checkout changes.

#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "client/context.h"
#include "client/flags/cargo_flags.h"

namespace depcache::client {

struct WatchOptions {
  CargoFlags flags;                  // of the recipe
  std::vector<std::string> command;  // not empty
  bool once = false;                 // look once, run if need be, end
  // Also look when so much time went by: for file systems that report nothing.
  std::optional<std::chrono::milliseconds> interval;
  int retries = 3;              // of a failing command, for one recipe
  std::filesystem::path state;  // empty: below the build directory
};

// Returns the exit code: with `once` 0 if the recipe is the one that the
// command last succeeded for, or its own; else only after a signal, 128 + it.
//
// The command runs one at a time, in the current folder, with
// DEPCACHE_OLD_RECIPE (empty the first time), DEPCACHE_NEW_RECIPE and
// DEPCACHE_REASON (lines: which parts differ). What it changes itself is seen
// when it has ended. A failing one is run again after 1, 2, 4… seconds, then
// not until the recipe changes. While a checkout cannot be read, as in the
// middle of an edit, the last recipe stays.
int RunWatch(Context& context, const WatchOptions& options);

}  // namespace depcache::client
