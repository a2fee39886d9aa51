// What Cargo's log says about the units of a build which was refused before it
// compiled anything: where each unit's hash file lies, and so its unit hash.
//
// The build runs with
// CARGO_LOG=cargo::core::compiler::fingerprint=debug,cargo::compiler::fingerprint=debug
// (the module's names before and since 1.99) and logs one line per unit:
//
//   … prepare_target{force=false package_id=serde v1.0.228 target="serde"}: …:
//   fingerprint at: <build dir>/release/.fingerprint/serde-0123456789abcdef/lib-serde

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/target_layout.h"

namespace depcache {

struct LoggedUnit {
  std::string package;
  std::string version;
  LocatedUnit located;
};

// The units of `log` in its order; all other lines are skipped. `build_dir`
// is the build directory of that run as it was given to Cargo, absolute.
// Errors: INVALID_ARGUMENT (a line without package, or with a path which is
// not a hash file's below `build_dir`).
absl::StatusOr<std::vector<LoggedUnit>> ParsePlanLog(std::string_view log,
                                                     std::string_view build_dir);

}  // namespace depcache
