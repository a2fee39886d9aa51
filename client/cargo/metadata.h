// `cargo metadata --no-deps`: members, their targets, and where Cargo writes.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/recipe/build_skeleton.h"

namespace depcache::client {

struct MetadataPackage {
  std::filesystem::path manifest_path;
  std::vector<TargetText> targets;  // paths absolute here
};

struct WorkspaceMetadata {
  std::filesystem::path root;
  std::filesystem::path target_dir;  // as of NormalFolder
  std::filesystem::path build_dir;   // likewise; the target directory where Cargo knows no other
  std::vector<MetadataPackage> packages;
};

// Errors: INVALID_ARGUMENT.
absl::StatusOr<WorkspaceMetadata> ParseMetadata(std::string_view json);

}  // namespace depcache::client
