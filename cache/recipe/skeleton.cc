#include "cache/recipe/skeleton.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "cache/base/status.h"
#include "cache/recipe/cargo_config.h"
#include "cache/recipe/relative_path.h"
#include "cache/recipe/secret_text.h"
#include "cache/recipe/toml_text.h"

namespace depcache {
namespace {

constexpr std::pair<TargetKind, std::string_view> kKindTexts[] = {
    {TargetKind::kLib, "lib"},
    {TargetKind::kProcMacro, "proc-macro"},
    {TargetKind::kBin, "bin"},
    {TargetKind::kExample, "example"},
    {TargetKind::kTest, "test"},
    {TargetKind::kBench, "bench"},
    {TargetKind::kBuildScript, "build-script"},
};

std::string_view FileName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool IsManifestPath(std::string_view path) {
  return IsSafeRelativePath(path) && FileName(path) == "Cargo.toml";
}

bool IsCargosOwnName(std::string_view name) {
  return name == "Cargo.toml" || name == "Cargo.lock" || name == "rust-toolchain" ||
         name == "rust-toolchain.toml";
}

// A stub may have any extension, as Cargo allows, but then no hidden name or
// folder: it must not be able to be a file that some tool acts upon.
bool IsStubPath(std::string_view path) {
  if (!IsSafeRelativePath(path) || IsCargosOwnName(FileName(path))) return false;
  if (path.ends_with(".rs")) return true;
  return !path.starts_with('.') && path.find("/.") == std::string_view::npos;
}

absl::Status ValidateTarget(const SkeletonTarget& target, const std::string& field) {
  if (!IsStubPath(target.path)) {
    return InvalidArgument("{}.path: `{}` cannot be a source file of the workspace", field,
                           target.path);
  }
  if (target.name.empty() || !IsUtf8(target.name)) {
    return InvalidArgument("{}.name is empty or not UTF-8", field);
  }
  return absl::OkStatus();
}

// No file may be a folder of another one.
absl::Status CheckFolders(const std::set<std::string>& files) {
  for (const std::string& file : files) {
    for (std::string folder = ParentPath(file); !folder.empty(); folder = ParentPath(folder)) {
      if (files.contains(folder)) {
        return InvalidArgument("manifests: `{}` lies below `{}`, which is a file", file, folder);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateManifests(const Skeleton& skeleton) {
  std::set<std::string> manifests;
  std::set<std::string> files = {".cargo/config.toml", "Cargo.lock", "rust-toolchain",
                                 "rust-toolchain.toml"};
  std::size_t target_count = 0;
  for (std::size_t i = 0; i < skeleton.manifests.size(); ++i) {
    const SkeletonManifest& manifest = skeleton.manifests[i];
    const std::string field = fmt::format("manifests[{}]", i);
    if (!IsManifestPath(manifest.path)) {
      return InvalidArgument("{}.path: `{}` cannot be a manifest of the workspace", field,
                             manifest.path);
    }
    if (!manifests.insert(manifest.path).second) {
      return InvalidArgument("{}.path: `{}` stands twice", field, manifest.path);
    }
    if (!IsUtf8(manifest.contents)) return InvalidArgument("{}.contents is not UTF-8", field);
    files.insert(manifest.path);
    target_count += manifest.targets.size();
    if (target_count > kMaxSkeletonTargets) {
      return InvalidArgument("{}.targets: more than the {} allowed in all", field,
                             kMaxSkeletonTargets);
    }
    for (std::size_t j = 0; j < manifest.targets.size(); ++j) {
      DEPCACHE_RETURN_IF_ERROR(
          ValidateTarget(manifest.targets[j], fmt::format("{}.targets[{}]", field, j)));
      files.insert(manifest.targets[j].path);
    }
  }
  if (!manifests.contains("Cargo.toml")) {
    return InvalidArgument("manifests: the root's Cargo.toml is missing");
  }
  return CheckFolders(files);
}

absl::Status ValidateConfig(const std::string& config) {
  absl::StatusOr<TomlTable> written = ParseToml(config);
  if (!written.ok()) return Annotate(written.status(), "config");
  const absl::StatusOr<TomlTable> allowed = MergeConfigs(std::array{config});
  if (!allowed.ok()) return Annotate(allowed.status(), "config");
  if (*written == *allowed) return absl::OkStatus();
  return InvalidArgument("config has keys that a recipe.json may not have");
}

}  // namespace

std::string_view TargetKindText(TargetKind kind) {
  for (const auto& [known, text] : kKindTexts) {
    if (known == kind) return text;
  }
  return "";
}

std::optional<TargetKind> ParseTargetKind(std::string_view text) {
  for (const auto& [kind, known] : kKindTexts) {
    if (known == text) return kind;
  }
  return std::nullopt;
}

const SkeletonManifest* FindManifest(const Skeleton& skeleton, std::string_view path) {
  const auto found =
      std::ranges::lower_bound(skeleton.manifests, path, {}, &SkeletonManifest::path);
  return found == skeleton.manifests.end() || found->path != path ? nullptr : &*found;
}

void SortSkeleton(Skeleton& skeleton) {
  std::ranges::sort(skeleton.manifests, {}, &SkeletonManifest::path);
  for (SkeletonManifest& manifest : skeleton.manifests) {
    for (SkeletonTarget& target : manifest.targets) std::ranges::sort(target.crate_types);
    std::ranges::sort(manifest.targets, {}, [](const SkeletonTarget& target) {
      return std::tie(target.kind, target.name, target.path);
    });
  }
}

absl::Status ValidateSkeleton(const Skeleton& skeleton) {
  if (skeleton.manifests.size() > kMaxSkeletonManifests) {
    return InvalidArgument("manifests: {}, more than the {} allowed", skeleton.manifests.size(),
                           kMaxSkeletonManifests);
  }
  DEPCACHE_RETURN_IF_ERROR(ValidateManifests(skeleton));
  DEPCACHE_RETURN_IF_ERROR(ValidateConfig(skeleton.config));
  if (!IsUtf8(skeleton.lock)) return InvalidArgument("lock is not UTF-8");
  if (!skeleton.toolchain.has_value()) return absl::OkStatus();
  const ToolchainFile& toolchain = *skeleton.toolchain;
  if (toolchain.name != "rust-toolchain" && toolchain.name != "rust-toolchain.toml") {
    return InvalidArgument("toolchain.name is neither rust-toolchain nor rust-toolchain.toml");
  }
  if (!IsUtf8(toolchain.contents)) return InvalidArgument("toolchain.contents is not UTF-8");
  return absl::OkStatus();
}

}  // namespace depcache
