// A stored recipe from anywhere: what is accepted has one stored form only,
// and its parts can be made a recipe of again and compared.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/base/check.h"
#include "cache/recipe/recipe.h"
#include "cache/recipe/recipe_diff.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depcache;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(ParseRecipeHash(bytes));

  // The first half of the bytes against the second, as values of any part.
  static_cast<void>(DescribePart("lock", bytes.substr(0, size / 2), bytes.substr(size / 2)));
  static_cast<void>(DescribePart("x", bytes.substr(0, size / 2), bytes.substr(size / 2), 2));

  const absl::StatusOr<Recipe> recipe = DecodeRecipe(bytes);
  if (!recipe.ok()) return 0;
  DEPCACHE_CHECK(Encode(*recipe) == bytes);
  std::vector<std::pair<std::string, std::string>> parts(recipe->parts().rbegin(),
                                                         recipe->parts().rend());
  const absl::StatusOr<Recipe> again = Recipe::FromParts(std::move(parts));
  DEPCACHE_CHECK(again.ok() && again->Hash() == recipe->Hash());
  DEPCACHE_CHECK(DescribeChange(*again, *recipe).empty());
  return 0;
}
