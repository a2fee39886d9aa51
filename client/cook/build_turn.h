// One builder per fleet: whoever comes first compiles what is missing, the
// others take it from the server as it lands, and compile meanwhile what
// nobody else does.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/unit_plan.h"
#include "client/context.h"
#include "client/cook/build_lease.h"
#include "client/cook/cook_input.h"
#include "client/cook/summary.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

struct TurnInput {
  Context& context;
  const CookInput& input;
  RemoteCache& remote;
  const UnitPlan& plan;
  bool may_build = false;  // the caller may write: others may wait for it
  // Restores what landed meanwhile.
  std::function<absl::Status()> restore;
  // Compiles what can be compiled without the packages of the units named (by
  // plan index), which others compile. Cargo's exit code, 0 if it failed for
  // want of those only.
  std::function<absl::StatusOr<int>(const std::vector<bool>& left_out, BuildLease* lease)>
      compile_part;
};

struct Turn {
  // On what is missing and nobody else builds; nullptr if there is nothing of
  // that kind, or the caller may not build.
  std::unique_ptr<BuildLease> lease;
  // Cargo's, if a part of it failed to compile: then that is all.
  std::optional<int> failed;
};

// Waits while others compile units of the plan that are missing here, restores
// them as they land, and has those compiled which nobody builds. Ends when
// nothing is missing, when nobody else is at work, when nothing landed for the
// context's wait bound, or after the time that compiling it all here would take,
// where the server knows that.
// Errors: CANCELLED (interrupted); of `restore` and `compile_part`.
absl::StatusOr<Turn> WaitForTurn(const TurnInput& input, CookSummary& summary);

// Units which can be compiled now, if others compile those of `held` (by plan
// index) and all packages of theirs are left to them. Empty too where a
// build script of theirs would run: only compiling can be refused.
std::vector<std::size_t> FindStartable(const UnitPlan& plan, const std::vector<bool>& is_built,
                                       const std::vector<bool>& held);

}  // namespace depcache::client
