#pragma once

#include <vector>

#include "cache/cargo/unit_plan.h"
#include "client/cargo/compile.h"
#include "client/context.h"
#include "client/cook/cook_input.h"
#include "client/cook/summary.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

class BuildLease;

enum class CompileMode {
  kCompile,
  kShareOnly,  // cargo compiles nothing: only what is there is shared
};

// How cargo compiles the dependencies of this cook, into `folders`, which must
// outlive the request. Members are refused by the folders of the recipe;
// AddRefused knows them better once there is a plan.
CompileRequest RequestOf(const Context& context, const CookInput& input,
                         const MachineFolders& folders);

struct CompileTurn {
  // Told of units that landed, failed, or are not to be shared; may be nullptr.
  BuildLease* lease = nullptr;
  // By plan index, units that others compile: their packages are left out, and
  // this is a part of the cook. Empty: all is compiled.
  std::vector<bool> left_out;
};

// Lets cargo compile the dependency units that are not there, shares them as
// they are done, and records the layer. Without a plan cargo compiles, and
// nothing is shared. `remote` may be nullptr: then nothing
// is shared. Fills in the summary.
//
// The exit code: 0 if every dependency unit is there at the end, or, of a part,
// if nothing failed; else cargo's. With kShareOnly 0 if anything could be shared.
// Errors: CANCELLED; NOT_FOUND (no cargo).
absl::StatusOr<int> CompileAndShare(Context& context, const CookInput& input,
                                    absl::StatusOr<UnitPlan> plan, RemoteCache* remote,
                                    CompileMode mode, const CompileTurn& turn,
                                    CookSummary& summary);

}  // namespace depcache::client
