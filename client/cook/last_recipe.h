// What the last cook in a build directory was made of, and how it went: for
// `explain --last`.
//
// Stored form: `.depcache/last-recipe.json` of the build directory, an object
// with `version` (1), `recipe`, `result`, `other_input`, `units` (`planned`, `restored`,
// `present`, `built`), `skipped` (`package`, `version`, `reason`) and `parts`:
// name -> value, or {"hex": …} for a value that is not UTF-8. Values are those
// of the recipe, so none holds a secret.

#pragma once

#include <filesystem>

#include <absl/status/statusor.h>

#include "cache/recipe/recipe.h"
#include "client/cook/summary.h"

namespace depcache::client {

struct LastRecipe {
  Recipe recipe;
  // Of the summary only what is listed above is kept.
  CookSummary summary;
};

// Only where the build directory exists: this is no reason to make one.
absl::Status WriteLastRecipe(const std::filesystem::path& build_dir, const LastRecipe& last);

// Errors: NOT_FOUND (there was no cook here); INVALID_ARGUMENT (not a file of
// ours, or of another version).
absl::StatusOr<LastRecipe> ReadLastRecipe(const std::filesystem::path& build_dir);

}  // namespace depcache::client
