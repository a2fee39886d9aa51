#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <google/protobuf/repeated_ptr_field.h>

#include "cache/recipe/recipe.h"
#include "depcache/v1/types.pb.h"

namespace depcache::server {

// The recipe of the parts a caller sent. The hash is always computed from the
// parts' bytes; what the caller claims is only compared.
// Errors: INVALID_ARGUMENT (a limit broken; `claimed` is not empty and differs).
absl::StatusOr<Recipe> RecipeOf(const google::protobuf::RepeatedPtrField<v1::RecipePart>& parts,
                                std::string_view claimed);

}  // namespace depcache::server
