// What a cook works on: a checkout, or a recipe.json in an otherwise empty
// folder; with the recipe that follows from it.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/base/files.h"
#include "cache/recipe/build_skeleton.h"
#include "cache/recipe/lockfile.h"
#include "cache/recipe/recipe.h"
#include "cache/recipe/skeleton.h"
#include "client/cargo/machine_folders.h"
#include "client/cargo/tools.h"
#include "client/context.h"
#include "client/flags/cargo_flags.h"

namespace depcache::client {

struct CookInput {
  // As given; files of --config by absolute path.
  CargoFlags flags;
  // The folder cargo is run in: the user's own, or a skeleton written for this
  // cook below it, removed with this object.
  std::filesystem::path run_dir;
  std::optional<ScopedTempDir> scratch;
  bool IsRecipeOnly() const { return scratch.has_value(); }

  Skeleton skeleton;
  // Where the packages of the skeleton's manifests lie, in their order.
  std::vector<std::filesystem::path> PackageFolders() const;
  Recipe recipe;
  // Cargo.lock as it is here: the checkout's whole, or the skeleton's.
  Lockfile lock;
  CompilerChoice compiler;
  // As compilers and build scripts see it: with [env] of the configuration, and
  // with what pkg-config answers (client/capture/declared_inputs.h).
  Environment variables;
  ToolFacts tools;
  MachineFolders folders;
};

// Reads the checkout or recipe.json and forms the recipe. Asks cargo for the
// workspace and tools for their versions; nothing is resolved or downloaded.
// Errors: INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION; each names what is
// wrong and what to do.
absl::StatusOr<CookInput> LoadCookInput(Context& context, const CargoFlags& flags);

// Only the skeleton of the checkout: what `prepare` writes.
absl::StatusOr<Skeleton> LoadSkeleton(Context& context, const std::string& manifest_path,
                                      const Narrowing& narrowing);

// Writes the checkout's own Cargo.toml and Cargo.lock again, narrowed: for the
// copy of a checkout in a container build, whose cargo finds only what a
// narrowed cook brought. Errors as LoadCookInput; INVALID_ARGUMENT if
// `narrowing` names nothing.
absl::Status NarrowInPlace(Context& context, const std::string& manifest_path,
                           const Narrowing& narrowing);

}  // namespace depcache::client
