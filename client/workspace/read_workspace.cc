#include "client/workspace/read_workspace.h"

#include <set>
#include <system_error>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/recipe/manifest.h"
#include "cache/recipe/outside_packages.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxManifestBytes = 4 << 20;
constexpr std::uint64_t kMaxLockBytes = 64 << 20;

// `path` as seen from `root`, with '/'; what lies outside starts with "..".
std::string RelativeTo(const fs::path& root, const fs::path& path) {
  return path.lexically_normal().lexically_relative(root).native();
}

absl::Status AddMembers(const WorkspaceMetadata& metadata, WorkspaceText& workspace) {
  std::set<std::string> seen;
  for (const MetadataPackage& package : metadata.packages) {
    PackageText text;
    text.manifest_path = RelativeTo(metadata.root, package.manifest_path);
    DEPCACHE_ASSIGN_OR_RETURN(text.text, ReadFile(package.manifest_path, kMaxManifestBytes));
    for (TargetText target : package.targets) {
      target.path = RelativeTo(metadata.root, target.path);
      text.targets.push_back(std::move(target));
    }
    seen.insert(text.manifest_path);
    workspace.packages.push_back(std::move(text));
  }
  if (seen.contains("Cargo.toml")) return absl::OkStatus();
  PackageText root;
  root.manifest_path = "Cargo.toml";
  DEPCACHE_ASSIGN_OR_RETURN(root.text, ReadFile(metadata.root / "Cargo.toml", kMaxManifestBytes));
  workspace.packages.push_back(std::move(root));
  return absl::OkStatus();
}

// The root manifest of the workspace that a package outside belongs to: its
// `package.workspace`, else the nearest one above (Cargo:
// core/workspace.rs, find_workspace_root). Nothing if it inherits nothing.
absl::Status AddOwnWorkspace(const fs::path& root, PackageText& package) {
  const absl::StatusOr<TomlTable> manifest = ParseManifest(package.text);
  if (!manifest.ok() || !Inherits(*manifest)) return absl::OkStatus();
  fs::path folder = (root / package.manifest_path).lexically_normal().parent_path();
  const std::string* told = FindString(FindTable(&*manifest, "package"), "workspace");
  if (told != nullptr) folder = (folder / *told).lexically_normal();
  while (true) {
    const absl::StatusOr<std::string> text = ReadFile(folder / "Cargo.toml", kMaxManifestBytes);
    const absl::StatusOr<TomlTable> above = ParseManifest(text.ok() ? *text : "");
    if (above.ok() && FindTable(&*above, "workspace") != nullptr) {
      package.workspace_path = RelativeTo(root, folder / "Cargo.toml");
      package.workspace_text = *text;
      return absl::OkStatus();
    }
    if (folder == folder.root_path()) break;
    folder = folder.parent_path();
  }
  return FailedPrecondition("{}: it inherits from a workspace, and there is none above it",
                            package.manifest_path);
}

absl::Status AddReached(const fs::path& root, const Narrowing& narrowing,
                        WorkspaceText& workspace) {
  while (true) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::vector<std::string> missing,
                              MissingManifests(workspace, narrowing));
    if (missing.empty()) return absl::OkStatus();
    for (const std::string& path : missing) {
      PackageText package;
      package.manifest_path = path;
      package.is_member = false;
      const fs::path file = (root / path).lexically_normal();
      DEPCACHE_ASSIGN_OR_RETURN(package.text, ReadFile(file, kMaxManifestBytes));
      std::error_code error;
      package.has_build_rs = fs::is_regular_file(file.parent_path() / "build.rs", error);
      if (path.starts_with("../")) DEPCACHE_RETURN_IF_ERROR(AddOwnWorkspace(root, package));
      workspace.packages.push_back(std::move(package));
    }
  }
}

absl::Status AddToolchain(const fs::path& root, WorkspaceText& workspace) {
  for (const char* name : {"rust-toolchain", "rust-toolchain.toml"}) {
    std::error_code error;
    if (!fs::is_regular_file(root / name, error)) continue;
    DEPCACHE_ASSIGN_OR_RETURN(std::string contents, ReadFile(root / name, kMaxManifestBytes));
    workspace.toolchain = ToolchainFile{name, std::move(contents), {}};
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WorkspaceText> ReadWorkspace(const WorkspaceMetadata& metadata,
                                            std::vector<std::string> configs,
                                            const Narrowing& narrowing) {
  WorkspaceText workspace;
  workspace.root = metadata.root.native();
  workspace.configs = std::move(configs);
  DEPCACHE_RETURN_IF_ERROR(AddMembers(metadata, workspace));
  absl::StatusOr<std::string> lock = ReadFile(metadata.root / "Cargo.lock", kMaxLockBytes);
  if (lock.ok()) {
    workspace.lock = *std::move(lock);
  } else if (lock.status().code() != absl::StatusCode::kNotFound) {
    return lock.status();
  }
  DEPCACHE_RETURN_IF_ERROR(AddToolchain(metadata.root, workspace));
  DEPCACHE_RETURN_IF_ERROR(AddReached(metadata.root, narrowing, workspace));
  return workspace;
}

}  // namespace depcache::client
