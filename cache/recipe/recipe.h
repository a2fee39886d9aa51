// A recipe: everything that determines the compiled dependencies of a
// workspace, as named parts. Its hash is the key under which a layer is found.
//
// Canonical form, version 1. Integers are 32-bit little-endian.
//
//   hashed := "depcache.recipe.v1\n" part*
//   part   := name_size name digest         ; digest = SHA-256 of the value
//
// Stored form, version 1:
//
//   stored := "dcr1" count (name_size name value_size value)*
//
// A recipe of another kind than Cargo's says so in a part of its own, `kind`:
// recipes of two kinds never have one hash.
//
// In both, parts stand in the order of their names, bytes compared, each name
// once. Limits: kMaxRecipe… below. Any change to this comment is a new version.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/base/digest.h"

namespace depcache {

inline constexpr std::uint32_t kMaxRecipeParts = 4096;
inline constexpr std::size_t kMaxRecipeNameBytes = 200;
inline constexpr std::size_t kMaxRecipeValueBytes = 16 << 20;
inline constexpr std::size_t kMaxRecipeBytes = 64 << 20;  // names and values together

// What a recipe's dependencies are built by.
enum class RecipeKind {
  kCargo,  // no part `kind`
  kGo,     // `kind` is "go"
};
inline constexpr std::string_view kRecipeKindPart = "kind";

// The digest of every part, by name: small enough to keep beside a layer.
using RecipeTrace = std::map<std::string, PartDigest>;

// Immutable once made; thread-compatible.
class Recipe {
 public:
  // A recipe without parts.
  Recipe() = default;

  // The recipe of parts that somebody sent, in any order.
  // Errors: INVALID_ARGUMENT (past a limit; a name twice; a name that is empty
  // or has another character than letters, digits and ._:/@+-; a `kind` that
  // is not known).
  static absl::StatusOr<Recipe> FromParts(std::vector<std::pair<std::string, std::string>> parts);

  // Adds a part. Aborts if the name is there already, or if it or the value
  // breaks a limit: names and sizes of what is added here are the caller's own.
  void Add(std::string_view name, std::string value);

  // SHA-256 of the canonical form.
  RecipeHash Hash() const;
  RecipeTrace Trace() const;
  RecipeKind kind() const;
  // Name -> value.
  const std::map<std::string, std::string, std::less<>>& parts() const { return parts_; }

  friend bool operator==(const Recipe&, const Recipe&) = default;

 private:
  std::map<std::string, std::string, std::less<>> parts_;
  std::size_t bytes_ = 0;
};

// The stored form, and back.
std::string Encode(const Recipe& recipe);
// Errors: INVALID_ARGUMENT.
absl::StatusOr<Recipe> DecodeRecipe(std::string_view bytes);

// Names whose digests differ, or which only one side has; in order. Empty
// exactly when both traces belong to one hash.
std::vector<std::string> ChangedParts(const RecipeTrace& before, const RecipeTrace& after);

// "cargo:<64 hex digits>" or "go:…": a hash as text says what kind of recipe
// it is of.
std::string RecipeHashText(const RecipeHash& hash, RecipeKind kind = RecipeKind::kCargo);
std::string RecipeHashText(const Recipe& recipe);
// Of either kind. Errors: INVALID_ARGUMENT.
absl::StatusOr<RecipeHash> ParseRecipeHash(std::string_view text);

}  // namespace depcache
