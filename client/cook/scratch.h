// A recipe.json as files, so that cargo can be run on what it holds.

#pragma once

#include <filesystem>
#include <string>

#include <absl/status/statusor.h>

#include "cache/base/files.h"
#include "cache/recipe/skeleton.h"

namespace depcache::client {

struct Scratch {
  ScopedTempDir folder;
  std::string config;  // Cargo's configuration, as `folder` has it
};

// Writes stubs, manifests, lock and configuration into a new folder in `cwd`.
// Folders that the configuration names are those in `cwd`, where the recipe
// lies. Errors: FAILED_PRECONDITION naming a folder that is not there; as
// SkeletonFiles; UNAVAILABLE.
absl::StatusOr<Scratch> WriteScratch(Skeleton skeleton, const std::filesystem::path& cwd);

}  // namespace depcache::client
