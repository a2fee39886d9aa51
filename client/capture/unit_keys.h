// The parts of a unit's key, from its plan and the recipe.

#pragma once

#include <string>
#include <string_view>

#include "cache/cargo/unit_plan.h"
#include "cache/layer/unit_key.h"
#include "cache/layer/unit_record.h"
#include "cache/recipe/recipe.h"

namespace depcache::client {

// A build script that may compile or look for native code: its package has
// cc, cmake, bindgen, pkg-config or their like among the script's own
// dependencies. The facts of the host are then part of its run's key.
bool IsNative(const UnitPlan& plan, std::size_t unit);

// Everything but the dependencies' keys and outputs. `package` is the unit's
// as Cargo.lock names it: a checksum or a commit says which sources it has.
UnitKeyParts KeyPartsOf(const UnitPlan& plan, std::size_t unit, const Recipe& recipe,
                        const PackageId& package);

}  // namespace depcache::client
