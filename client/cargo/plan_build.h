// Asks cargo which units a build has, without compiling anything.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/unit_plan.h"
#include "client/cargo/machine_folders.h"
#include "client/cargo/tools.h"
#include "client/context.h"

namespace depcache::client {

struct PlanRequest {
  std::string cargo;
  std::vector<std::string> args;   // "build" or "check" with the user's flags
  std::filesystem::path run_dir;
  std::filesystem::path manifest_path;  // may be empty
  const MachineFolders& folders;
  int cargo_minor = 0;
};

// Two cargo calls: the unit graph, then a build in a scratch folder whose
// every compile is refused. Downloads sources that are missing, with cargo's
// own progress. Some 0.3 to 0.8 s.
// Errors: FAILED_PRECONDITION (cargo fails: its words were shown; or the plan
// is not one we know how to handle: the message says why); CANCELLED.
absl::StatusOr<UnitPlan> PlanBuild(Context& context, const PlanRequest& request);

}  // namespace depcache::client
