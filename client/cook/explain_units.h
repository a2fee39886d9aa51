// Which units of this build the server does not have, and why: what `explain`
// says beyond the recipe.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/cook/cook_input.h"
#include "client/cook/explain.h"
#include "client/cook/unit_causes.h"

namespace depcache::client {

struct UnitExplanation {
  // Of this build; nullopt where cargo could not plan it.
  std::optional<std::uint32_t> planned;
  std::optional<std::uint32_t> missing;
  std::vector<UnitCause> causes;
};

// What a unit is missing from.
enum class MissingFrom {
  kServer,  // now, whoever built it
  kLayer,   // the one compared with: after a cook that left the server all its units
};

// Compared with the variant of `against` of which the most predicates hold
// here. Nothing is planned if the recipe is the same and all of them hold.
// Errors: of the server; NOT_FOUND (the layer is gone); DATA_LOSS.
absl::StatusOr<UnitExplanation> ExplainUnits(Context& context, const CookInput& input,
                                             const RecipeHash& against,
                                             const std::vector<PartChange>& changes,
                                             MissingFrom from);

}  // namespace depcache::client
