#pragma once

#include <functional>
#include <vector>

#include <google/protobuf/repeated_ptr_field.h>

#include "cache/engine/layer_cache.h"
#include "depcache/v1/types.pb.h"

namespace depcache::server {

// The parts of a layer's recipe, in order, with the values of those for which
// `wants_value` is true: as many as fit a message, and none that may hold a
// secret, whoever committed it.
void FillStoredParts(LayerCache& cache, const std::vector<TracePart>& trace,
                     const std::function<bool(const TracePart&)>& wants_value,
                     google::protobuf::RepeatedPtrField<v1::StoredPart>* out);

}  // namespace depcache::server
