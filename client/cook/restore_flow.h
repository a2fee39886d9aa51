#pragma once

#include <absl/status/statusor.h>

#include "cache/cargo/unit_plan.h"
#include "client/context.h"
#include "client/cook/cook_input.h"
#include "client/cook/summary.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

// What a restore left for cargo to do.
enum class RestoreOutcome {
  kNothing,  // no layer of the recipe may be used here
  kPartial,  // some units are there
  kWhole,    // every unit of the recipe is there
};

// Restores the layer of an exact hit: units into the build directory, sources
// into CARGO_HOME. Cargo is not called. Fills in the summary's counts.
// Errors: CANCELLED. Everything else that goes wrong ends in less being
// restored, with the reason in the summary's server_error.
absl::StatusOr<RestoreOutcome> RestoreFromLayer(Context& context, const CookInput& input,
                                                RemoteCache& remote, const LayerAnswer& answer,
                                                CookSummary& summary);

// Restores those units of the plan which the server has, whoever built them
// and for whichever recipe. What another compiler put into the build directory
// stays. Errors as RestoreFromLayer; the outcome is never kWhole.
absl::StatusOr<RestoreOutcome> RestoreKnownUnits(Context& context, const CookInput& input,
                                                 RemoteCache& remote, const UnitPlan& plan,
                                                 CookSummary& summary);

}  // namespace depcache::client
