#pragma once

#include <vector>

#include <absl/status/status.h>

#include "cache/recipe/recipe.h"
#include "client/capture/capture_unit.h"
#include "client/cook/summary.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

// Sends what the server does not have of these units, records them, and then
// the layer of them all. `units` in an order in which each comes after those it
// depends on; `left_out` more could not be captured. Counts into `summary`.
// Errors: as RemoteCache; nothing partial is ever visible as a layer.
absl::Status ShareGoLayer(RemoteCache& remote, const Recipe& recipe,
                          const std::vector<CapturedUnit>& units, std::uint32_t left_out,
                          CookSummary& summary);

}  // namespace depcache::client
