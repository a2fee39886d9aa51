// recipe.json, version 1; docs/recipe.md has the format field by field.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "cache/recipe/skeleton.h"

namespace depcache {

inline constexpr std::size_t kMaxSkeletonBytes = 64 << 20;

// Byte-stable: keys sorted, two spaces of indent, a newline at the end.
// Manifests, targets and unknown fields are written as they stand.
std::string SkeletonToJson(const Skeleton& skeleton);

// Reads a recipe.json from anywhere: size, depth and number of values are
// checked before it is parsed, and the result is valid (ValidateSkeleton) and
// sorted. Fields it does not know are kept and written again. Thread-safe.
// Errors: INVALID_ARGUMENT, naming the field; FAILED_PRECONDITION (another
// version).
absl::StatusOr<Skeleton> ParseSkeleton(std::string_view json);

}  // namespace depcache
