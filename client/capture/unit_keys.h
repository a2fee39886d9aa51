// The parts of a unit's key, from its plan and the recipe.

#pragma once

#include <string>
#include <string_view>

#include "cache/cargo/unit_plan.h"
#include "cache/layer/unit_key.h"
#include "cache/recipe/recipe.h"

namespace depcache::client {

// A build script that may compile or look for native code: its package has
// cc, cmake, bindgen, pkg-config or their like among the script's own
// dependencies. The facts of the host are then part of its run's key.
bool IsNative(const UnitPlan& plan, std::size_t unit);

// Everything but the dependencies' keys and outputs. `checksum` is the
// package's in Cargo.lock.
UnitKeyParts KeyPartsOf(const UnitPlan& plan, std::size_t unit, const Recipe& recipe,
                        std::string_view checksum);

}  // namespace depcache::client
