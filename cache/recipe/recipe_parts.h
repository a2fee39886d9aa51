// The names of a recipe's parts. docs/recipe.md has the same list for people;
// a test compares the two.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace depcache {

struct RecipePart {
  // A name, or, if it ends with a dot, the beginning of the names of a family:
  // "env." of "env.CC".
  std::string_view name;
  bool IsFamily() const { return name.ends_with('.'); }
};

// In order of their names.
std::span<const RecipePart> RecipePartList();

// Whether `name` is in the list, or of a family which is.
bool IsRecipePart(std::string_view name);

}  // namespace depcache
