#pragma once

#include <cstdint>
#include <vector>

#include <absl/status/statusor.h>

#include "client/capture/capture_unit.h"
#include "client/context.h"
#include "client/cook/cook_input.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

// Sends the archives and repositories of what is selected, and records the layer
// of the recipe: `units`, whose blobs are on the server, dependencies first, and
// the number of units that are not shared. The bytes sent.
// Errors: as RemoteCache; UNAVAILABLE (a blob is not on the server any more).
absl::StatusOr<std::uint64_t> ShareLayer(const Context& context, const CookInput& input,
                                         RemoteCache& remote, LayoutKind layout,
                                         const std::vector<KnownUnit>& units,
                                         std::uint32_t left_out);

}  // namespace depcache::client
