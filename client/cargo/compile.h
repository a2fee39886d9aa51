// Runs cargo so that it compiles the dependencies of a workspace and nothing
// of the workspace itself.

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/unit_plan.h"
#include "client/cargo/cargo_reasons.h"
#include "client/cargo/machine_folders.h"
#include "client/context.h"

namespace depcache::client {

struct CompileRequest {
  std::string cargo;
  std::vector<std::string> args;
  std::filesystem::path run_dir;
  std::filesystem::path manifest_path;
  const MachineFolders& folders;
  std::string rustc_commit;
  std::string user_wrapper;
  // Packages that are not compiled; with their folders.
  std::vector<std::string> refused_dirs;
  std::vector<std::string> refused_names;
  int verbose = 0;
  bool timings = false;
  // Set: cargo also logs why it compiles what it has compiled before.
  bool asks_for_reasons = false;
  // Told the name of each package that fails to compile, or whose build script
  // fails, as cargo says so; may be empty.
  std::function<void(const std::string& package)> on_failed;
};

struct CompileResult {
  int exit_code = 0;
  // Cargo failed for the packages that were refused, and for nothing else.
  bool only_refused = false;
  std::vector<StaleReason> stale;  // if asked for
  std::vector<LoadError> errors;
};

// Cargo's output is shown as it comes, except what it says about the packages
// that were refused. The exit code is cargo's; it fails always when there are
// members, so success is seen from the units.
// Errors: NOT_FOUND (no cargo); CANCELLED.
absl::StatusOr<CompileResult> CompileDependencies(Context& context, const CompileRequest& request);

// Folders and names of the plan's path packages, and of the packages of the
// units that are `left_out` (by plan index; may be empty).
void AddRefused(const UnitPlan& plan, const std::vector<bool>& left_out, CompileRequest& request);

}  // namespace depcache::client
