// Units on disk that will be built again: of other variables, files or sources
// than there are now.

#pragma once

#include <cstddef>

#include "cache/cargo/unit_plan.h"
#include "client/cargo/machine_folders.h"
#include "client/context.h"

namespace depcache::client {

// Takes the hash file of each unit of the plan whose sources are others now,
// or that is ours and whose predicates do not hold any more, and of what
// stands on it, or on one that is not built: Cargo would build them again, so
// they may be restored, and what is compiled counts as compiled now. Empties
// the OUT_DIR of every build script that is going to run, as it is on a new
// machine: a script which runs again leaves more in it than one that runs
// once, and that would be shared. Under Cargo's locks; nothing if they cannot
// be had. `variables` are those compilers and scripts see. The number of units
// whose hash file was taken.
std::size_t ForgetStaleUnits(Context& context, const UnitPlan& plan, const MachineFolders& folders,
                             const Environment& variables);

}  // namespace depcache::client
