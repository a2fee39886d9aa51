// Everything a recipe is made of in one value, and how it changes when one of
// its inputs does.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/make_recipe.h"
#include "cache/recipe/recipe_parts.h"
#include "tests/cache/recipe/workspaces.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {

// All that a recipe is made of.
struct World {
  WorkspaceText workspace = SmallWorkspace();
  Narrowing narrowing;
  CookSelection selection;
  CookEnvironment environment = SmallEnvironment();

  std::string& Manifest(std::string_view member) {
    return PackageAt(workspace, "crates/" + std::string(member) + "/Cargo.toml").text;
  }
  std::string& Root() { return PackageAt(workspace, "Cargo.toml").text; }
};

inline absl::StatusOr<Recipe> Make(const World& world) {
  const absl::StatusOr<Skeleton> skeleton = BuildSkeleton(world.workspace, world.narrowing);
  EXPECT_THAT(skeleton, IsOk());
  if (!skeleton.ok()) return skeleton.status();
  return MakeRecipe(*skeleton, world.selection, world.environment);
}

inline Recipe Made(const World& world) {
  absl::StatusOr<Recipe> recipe = Make(world);
  EXPECT_THAT(recipe, IsOk());
  return recipe.ok() ? *std::move(recipe) : Recipe();
}

inline std::string PartOf(const World& world, const std::string& name) {
  const Recipe recipe = Made(world);
  const auto found = recipe.parts().find(name);
  return found == recipe.parts().end() ? "(absent)" : found->second;
}

struct Change {
  std::string_view what;
  std::function<void(World&)> make;
  std::vector<std::string> parts;  // that differ; empty: the recipe stays
};

inline void ExpectChanges(const World& base, const std::vector<Change>& changes) {
  const Recipe before = Made(base);
  for (const Change& change : changes) {
    World world = base;
    change.make(world);
    const Recipe after = Made(world);
    EXPECT_THAT(ChangedParts(before.Trace(), after.Trace()),
                ::testing::ElementsAreArray(change.parts))
        << change.what;
    EXPECT_EQ(before.Hash() == after.Hash(), change.parts.empty()) << change.what;
    for (const auto& [name, value] : after.parts()) EXPECT_TRUE(IsRecipePart(name)) << name;
  }
}

inline auto EditManifest(std::string_view member, std::string_view from, std::string_view to) {
  return [=](World& world) { Replace(world.Manifest(member), from, to); };
}
inline auto EditRoot(std::string_view from, std::string_view to) {
  return [=](World& world) { Replace(world.Root(), from, to); };
}
inline auto EditLock(std::string_view from, std::string_view to) {
  return [=](World& world) { Replace(*world.workspace.lock, from, to); };
}
inline auto SetVariable(std::string name, std::string value) {
  return [=](World& world) { world.environment.variables[name] = value; };
}
inline auto SetConfig(std::string text) {
  return [=](World& world) { world.workspace.configs = {text}; };
}

}  // namespace depcache::testing
