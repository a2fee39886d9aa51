#include "cache/recipe/recipe_parts.h"

#include <algorithm>

namespace depcache {
namespace {

constexpr RecipePart kParts[] = {
    {"cargo"},
    {"command"},
    {"config.env"},
    {"config.host"},
    {"config.patch"},
    {"config.paths"},
    {"config.profile"},
    {"config.registries"},
    {"config.resolver"},
    {"config.source"},
    {"config.target"},
    {"config.target-applies-to-host"},
    {"config.unstable"},
    {"env."},
    {"host."},
    {"lock"},
    {"packages"},
    {"patch"},
    {"profile"},
    {"profile.settings"},
    {"resolver"},
    {"rustc"},
    {"rustc.digest"},
    {"rustc.wrapper"},
    {"rustflags"},
    {"selection.features"},
    {"selection.packages"},
    {"selection.targets"},
    {"selection.unstable"},
    {"sources.directory"},
    {"target-spec."},
    {"targets"},
    {"workspace"},
};

}  // namespace

std::span<const RecipePart> RecipePartList() { return kParts; }

bool IsRecipePart(std::string_view name) {
  return std::ranges::any_of(kParts, [name](const RecipePart& part) {
    return part.IsFamily() ? name.starts_with(part.name) && name.size() > part.name.size()
                           : name == part.name;
  });
}

}  // namespace depcache
