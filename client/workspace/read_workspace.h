// A checkout as texts, for the skeleton. Reads only.

#pragma once

#include <filesystem>
#include <string>

#include <absl/status/statusor.h>

#include "cache/recipe/build_skeleton.h"
#include "client/cargo/metadata.h"

namespace depcache::client {

// Manifests, Cargo.lock, toolchain file of the workspace that `metadata`
// describes, with `configs` as found (config_files.h, `inner`), and the
// manifests of packages which members reach by path.
// Errors: INVALID_ARGUMENT, NOT_FOUND naming the file; as BuildSkeleton.
absl::StatusOr<WorkspaceText> ReadWorkspace(const WorkspaceMetadata& metadata,
                                            std::vector<std::string> configs,
                                            const Narrowing& narrowing);

}  // namespace depcache::client
