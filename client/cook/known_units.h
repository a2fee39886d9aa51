// Units of a plan that are on disk, and what of them we know.

#pragma once

#include <optional>
#include <vector>

#include "cache/cargo/unit_plan.h"
#include "client/capture/capture_unit.h"
#include "client/cargo/machine_folders.h"
#include "client/cook/stamp.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

// Its hash file is there and whole, whoever compiled it.
bool IsBuilt(const UnitPlan& plan, std::size_t unit, const MachineFolders& folders);

// Its fingerprint names other sources than those this build compiles, as with
// another CARGO_HOME: Cargo compiles it again. False of a script's run, and
// where the fingerprint is not one that this version computes like Cargo.
bool HasOtherSources(const UnitPlan& plan, std::size_t unit, const MachineFolders& folders);

// By plan index: units that stand on disk as they were stamped, with all that
// they depend on, and from the sources that this build compiles. Everything
// else may have been compiled by somebody else, against other dependencies.
//
// Cargo does not see that a vendored file was edited, so of a unit in a
// directory source the key is formed again, from `questions` (QuestionsOf).
std::vector<std::optional<KnownUnit>> FindKnownUnits(const UnitPlan& plan, const Stamps& stamps,
                                                     const MachineFolders& folders,
                                                     const std::vector<UnitQuestion>& questions);

}  // namespace depcache::client
