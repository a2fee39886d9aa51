#include "cache/recipe/recipe.h"

#include "cache/base/check.h"
#include "cache/base/codec.h"
#include "cache/base/status.h"

namespace depcache {
namespace {

constexpr std::string_view kHashedMagic = "depcache.recipe.v1\n";
constexpr std::string_view kStoredMagic = "dcr1";
constexpr std::string_view kCargoPrefix = "cargo:";
constexpr std::string_view kGoPrefix = "go:";

bool IsPartName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/@+-";
  return !name.empty() && name.size() <= kMaxRecipeNameBytes &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

absl::StatusOr<Recipe> Recipe::FromParts(std::vector<std::pair<std::string, std::string>> parts) {
  if (parts.size() > kMaxRecipeParts) {
    return InvalidArgument("a recipe of {} parts, more than the {} allowed", parts.size(),
                           kMaxRecipeParts);
  }
  Recipe recipe;
  for (auto& [name, value] : parts) {
    if (!IsPartName(name)) {
      return InvalidArgument(
          "a part's name of {} bytes is empty, too long or has characters "
          "which names do not have",
          name.size());
    }
    if (value.size() > kMaxRecipeValueBytes) {
      return InvalidArgument("part `{}` has {} bytes, more than the {} allowed", name, value.size(),
                             kMaxRecipeValueBytes);
    }
    recipe.bytes_ += name.size() + value.size();
    if (recipe.bytes_ > kMaxRecipeBytes) {
      return InvalidArgument("a recipe of more than the {} bytes allowed", kMaxRecipeBytes);
    }
    if (name == kRecipeKindPart && value != "go") {
      return InvalidArgument("part `{}` names no kind of recipe that is known", name);
    }
    const auto [place, is_new] = recipe.parts_.try_emplace(std::move(name), std::move(value));
    if (!is_new) return InvalidArgument("part `{}` is there twice", place->first);
  }
  return recipe;
}

void Recipe::Add(std::string_view name, std::string value) {
  bytes_ += name.size() + value.size();
  DEPCACHE_CHECK(IsPartName(name));
  DEPCACHE_CHECK(parts_.size() < kMaxRecipeParts);
  DEPCACHE_CHECK(value.size() <= kMaxRecipeValueBytes && bytes_ <= kMaxRecipeBytes);
  const bool is_new = parts_.try_emplace(std::string(name), std::move(value)).second;
  DEPCACHE_CHECK(is_new);
}

RecipeHash Recipe::Hash() const {
  Writer canonical;
  canonical.Raw(kHashedMagic);
  for (const auto& [name, value] : parts_) {
    canonical.String(name);
    canonical.Id(HashAs<PartDigest>(value));
  }
  return HashAs<RecipeHash>(canonical.bytes());
}

RecipeTrace Recipe::Trace() const {
  RecipeTrace trace;
  for (const auto& [name, value] : parts_) trace.emplace(name, HashAs<PartDigest>(value));
  return trace;
}

RecipeKind Recipe::kind() const {
  return parts_.contains(kRecipeKindPart) ? RecipeKind::kGo : RecipeKind::kCargo;
}

std::string Encode(const Recipe& recipe) {
  Writer stored;
  stored.Raw(kStoredMagic);
  stored.U32(static_cast<std::uint32_t>(recipe.parts().size()));
  for (const auto& [name, value] : recipe.parts()) {
    stored.String(name);
    stored.String(value);
  }
  return stored.Take();
}

absl::StatusOr<Recipe> DecodeRecipe(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.Raw(kStoredMagic.size()) != kStoredMagic) reader.Fail("not a recipe");
  const std::uint32_t count = reader.Count(kMaxRecipeParts, 8);
  std::vector<std::pair<std::string, std::string>> parts;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    std::string name(reader.String(kMaxRecipeNameBytes));
    if (!parts.empty() && name <= parts.back().first) reader.Fail("parts are not in order");
    parts.emplace_back(std::move(name), reader.String(kMaxRecipeValueBytes));
  }
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("recipe"));
  return Recipe::FromParts(std::move(parts));
}

std::vector<std::string> ChangedParts(const RecipeTrace& before, const RecipeTrace& after) {
  std::vector<std::string> changed;
  auto a = before.begin();
  auto b = after.begin();
  while (a != before.end() || b != after.end()) {
    if (b == after.end() || (a != before.end() && a->first < b->first)) {
      changed.push_back((a++)->first);
    } else if (a == before.end() || b->first < a->first) {
      changed.push_back((b++)->first);
    } else {
      if (a->second != b->second) changed.push_back(a->first);
      ++a;
      ++b;
    }
  }
  return changed;
}

std::string RecipeHashText(const RecipeHash& hash, RecipeKind kind) {
  return std::string(kind == RecipeKind::kGo ? kGoPrefix : kCargoPrefix) + hash.ToHex();
}

std::string RecipeHashText(const Recipe& recipe) {
  return RecipeHashText(recipe.Hash(), recipe.kind());
}

absl::StatusOr<RecipeHash> ParseRecipeHash(std::string_view text) {
  for (const std::string_view prefix : {kCargoPrefix, kGoPrefix}) {
    if (text.starts_with(prefix)) return RecipeHash::FromHex(text.substr(prefix.size()));
  }
  return InvalidArgument("a recipe hash starts with `{}` or `{}`", kCargoPrefix, kGoPrefix);
}

}  // namespace depcache
