// The installed Go: what it is, where its caches lie, and how it is run.

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/go/go_recipe.h"
#include "client/context.h"

namespace depcache::client {

struct GoSetup {
  GoEnvironment environment;
  std::filesystem::path module_cache;  // GOMODCACHE
  std::filesystem::path build_cache;   // GOCACHE
  std::filesystem::path mod_file;      // of the folder's main module; empty: none
  std::filesystem::path work_file;     // go.work; empty: none
  std::string tags;                    // as given to us, "" if not
};

// Asks the Go in PATH about a folder. `tags` stands in for those of GOFLAGS.
// Errors: NOT_FOUND (no Go); FAILED_PRECONDITION (older than 1.17, or it says
// no); INVALID_ARGUMENT (GOFLAGS).
absl::StatusOr<GoSetup> ReadGoSetup(Context& context, const std::filesystem::path& folder,
                                    const std::string& tags);

// A `go` command: `words`, then what every build of ours has (-trimpath and
// the tags that were given), then `rest`.
ProcessCommand GoCommand(const GoSetup& setup, const std::filesystem::path& folder,
                         std::vector<std::string> words, const std::vector<std::string>& rest);

// Runs it and hands back its standard output.
// Errors: FAILED_PRECONDITION with what it said.
absl::StatusOr<std::string> OutputOf(Context& context, const ProcessCommand& command);

}  // namespace depcache::client
