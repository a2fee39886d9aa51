#include "cache/recipe/build_skeleton.h"

#include <algorithm>
#include <map>
#include <utility>

#include "cache/base/status.h"
#include "cache/recipe/cargo_config.h"
#include "cache/recipe/local_packages.h"
#include "cache/recipe/lockfile.h"
#include "cache/recipe/lockfile_prune.h"
#include "cache/recipe/manifest.h"
#include "cache/recipe/manifest_mask.h"
#include "cache/recipe/outside_packages.h"
#include "cache/recipe/relative_path.h"
#include "cache/recipe/root_manifest.h"
#include "cache/recipe/workspace_plan.h"

namespace depcache {
namespace {

PlanScope ScopeOf(const Narrowing& narrowing) {
  return narrowing.IsEmpty() ? PlanScope::kWhole : PlanScope::kNarrowed;
}

TargetKind KindOf(const std::vector<std::string>& kinds) {
  constexpr std::pair<std::string_view, TargetKind> kKinds[] = {
      {"proc-macro", TargetKind::kProcMacro},
      {"custom-build", TargetKind::kBuildScript},
      {"bin", TargetKind::kBin},
      {"example", TargetKind::kExample},
      {"test", TargetKind::kTest},
      {"bench", TargetKind::kBench},
  };
  for (const auto& [text, kind] : kKinds) {
    if (std::ranges::find(kinds, text) != kinds.end()) return kind;
  }
  return TargetKind::kLib;  // "lib", "rlib", "cdylib", "dylib", "staticlib"
}

// [[test]] and [[bench]] tables may say `harness = false`; a target without a
// table has the harness.
bool HasHarness(const TomlTable& manifest, TargetKind kind, const std::string& name) {
  if (kind != TargetKind::kTest && kind != TargetKind::kBench) return true;
  const TomlValue* tables = Find(&manifest, TargetKindText(kind));
  if (tables == nullptr || tables->AsArray() == nullptr) return true;
  for (const TomlValue& table : *tables->AsArray()) {
    const std::string* found = FindString(table.AsTable(), "name");
    if (found != nullptr && *found == name) return FindBool(table.AsTable(), "harness", true);
  }
  return true;
}

// The kind says it already where there is nothing but the usual.
std::vector<std::string> CrateTypes(TargetKind kind, std::vector<std::string> crate_types) {
  if (kind != TargetKind::kLib && kind != TargetKind::kExample) return {};
  if (crate_types.size() == 1 && (crate_types[0] == "lib" || crate_types[0] == "bin")) return {};
  return crate_types;
}

SkeletonTarget MakeTarget(const TargetText& text, const TomlTable& manifest) {
  SkeletonTarget target;
  target.kind = KindOf(text.kinds);
  target.name = text.name;
  target.path = text.path;
  target.crate_types = CrateTypes(target.kind, text.crate_types);
  target.has_harness = HasHarness(manifest, target.kind, text.name);
  return target;
}

// As Cargo finds it (util/toml/targets.rs, normalize_build); nullopt: there is none.
std::optional<std::string> BuildScriptOf(const TomlTable& manifest, bool has_build_rs) {
  const TomlValue* build = Find(FindTable(&manifest, "package"), "build");
  if (build == nullptr) return has_build_rs ? std::optional("build.rs") : std::nullopt;
  if (const bool* is_on = build->AsBool()) return *is_on ? std::optional("build.rs") : std::nullopt;
  const std::string* path = build->AsString();
  return path == nullptr ? std::nullopt : std::optional(*path);
}

// The targets that matter of a package which cargo metadata did not list.
std::vector<TargetText> AssumedTargets(const LocalPackage& package, bool has_build_rs) {
  const TomlTable* lib = FindTable(&package.manifest, "lib");
  TargetText target;
  target.kinds = {FindBool(lib, "proc-macro", false) ? "proc-macro" : "lib"};
  target.crate_types = StringsOf(Find(lib, "crate-type"));
  const std::string* name = FindString(lib, "name");
  target.name = name == nullptr ? package.name : *name;
  std::ranges::replace(target.name, '-', '_');
  const std::string* path = FindString(lib, "path");
  target.path = JoinInside(package.folder, path == nullptr ? "src/lib.rs" : *path).value_or("..");
  std::vector<TargetText> targets = {target};
  if (const auto script = BuildScriptOf(package.manifest, has_build_rs)) {
    targets.push_back({{"custom-build"},
                       {"bin"},
                       "build-script-build",
                       JoinInside(package.folder, *script).value_or("..")});
  }
  return targets;
}

absl::StatusOr<std::vector<SkeletonTarget>> MakeTargets(const LocalPackage& package,
                                                        const PackageText& text, bool has_root) {
  std::vector<SkeletonTarget> targets;
  const bool is_assumed = text.targets.empty() && !package.is_member;
  for (TargetText target :
       is_assumed ? AssumedTargets(package, text.has_build_rs) : text.targets) {
    if (!is_assumed && has_root) target.path = SkeletonPath(target.path);
    if (!IsSafeRelativePath(target.path)) {
      return FailedPrecondition(
          "{}: target `{}` has its source at `{}`, which is outside the workspace root; such "
          "packages cannot be cached",
          text.manifest_path, target.name, target.path);
    }
    targets.push_back(MakeTarget(target, package.manifest));
  }
  return targets;
}

absl::StatusOr<SkeletonManifest> MakeManifest(const WorkspacePlan& plan, std::size_t index,
                                              const PackageText& text, bool has_root,
                                              PlanScope scope) {
  const LocalPackage& package = plan.packages[index];
  const bool is_root = index == plan.packages.root_index();
  TomlTable manifest = is_root ? RootManifest(plan.packages, plan.kept, scope) : package.manifest;
  const bool is_versioned = plan.versioned.contains(package.name);
  MaskManifest(manifest,
               is_versioned ? plan.packages.VersionOf(package) : std::string(kMaskedVersion));
  SkeletonManifest made;
  made.path = package.ManifestPath();
  made.contents = PrintToml(manifest);
  if (plan.kept.contains(index)) {
    DEPCACHE_ASSIGN_OR_RETURN(made.targets, MakeTargets(package, text, has_root));
  }
  return made;
}

absl::StatusOr<LocalPackage> ParsePackage(const PackageText& text, const Places& places) {
  absl::StatusOr<TomlTable> manifest = ParseManifest(text.text);
  if (!manifest.ok()) return Annotate(manifest.status(), text.manifest_path);
  LocalPackage package;
  package.folder = ParentPath(SkeletonPath(text.manifest_path));
  package.name = PackageName(*manifest);
  package.is_member = text.is_member || package.folder.empty();
  package.manifest = *std::move(manifest);
  if (IsOutside(package.folder) && !package.is_member) {
    absl::StatusOr<TomlTable> workspace = ParseManifest(text.workspace_text);
    if (!workspace.ok()) return Annotate(workspace.status(), text.workspace_path);
    places.Settle(package.manifest, package.folder, &*workspace,
                  ParentPath(SkeletonPath(text.workspace_path)));
  }
  places.Rewrite(package.manifest, package.folder);
  return package;
}

absl::StatusOr<LocalPackages> ParsePackages(const WorkspaceText& workspace, const Places& places) {
  std::vector<LocalPackage> packages;
  for (const PackageText& text : workspace.packages) {
    const std::string& path = text.manifest_path;
    const bool is_outside = path.starts_with("../");
    if (path != "Cargo.toml" &&
        (!IsSafeRelativePath(is_outside ? SkeletonPath(path) : path) || IsOutside(path) ||
         (is_outside && workspace.root.empty()) || !path.ends_with("/Cargo.toml"))) {
      return InvalidArgument("`{}` is no path of a Cargo.toml inside the workspace", path);
    }
    DEPCACHE_ASSIGN_OR_RETURN(LocalPackage package, ParsePackage(text, places));
    packages.push_back(std::move(package));
  }
  return LocalPackages::Make(std::move(packages));
}

absl::StatusOr<Lockfile> ReadLock(const WorkspaceText& workspace) {
  if (!workspace.lock.has_value()) {
    return FailedPrecondition(
        "the workspace has no Cargo.lock; run `cargo generate-lockfile` and keep the file");
  }
  absl::StatusOr<Lockfile> lock = ParseLockfile(*workspace.lock);
  if (!lock.ok()) return Annotate(lock.status(), "Cargo.lock");
  return lock;
}

BinOwners FindBins(const WorkspaceText& workspace) {
  BinOwners bins;
  for (std::size_t i = 0; i < workspace.packages.size(); ++i) {
    if (!workspace.packages[i].is_member) continue;
    for (const TargetText& target : workspace.packages[i].targets) {
      if (KindOf(target.kinds) == TargetKind::kBin) bins.emplace(target.name, i);
    }
  }
  return bins;
}

// Packages have the same indices in `workspace` and in the plan.
absl::StatusOr<WorkspacePlan> Plan(const WorkspaceText& workspace, const Narrowing& narrowing) {
  WorkspacePlan plan;
  const Places places(workspace.root);
  DEPCACHE_ASSIGN_OR_RETURN(plan.packages, ParsePackages(workspace, places));
  DEPCACHE_ASSIGN_OR_RETURN(plan.lock, ReadLock(workspace));
  absl::StatusOr<TomlTable> config = MergeConfigs(workspace.configs);
  if (!config.ok()) return Annotate(config.status(), "the workspace's .cargo/config.toml");
  plan.config = *std::move(config);
  places.Rewrite(plan.config, "");
  DEPCACHE_ASSIGN_OR_RETURN(const PackageSet selected,
                            SelectMembers(plan.packages, FindBins(workspace), narrowing));
  return PlanFor(std::move(plan), selected, ScopeOf(narrowing));
}

absl::Status CheckNoneMissing(const WorkspacePlan& plan) {
  if (plan.missing.empty()) return absl::OkStatus();
  const LocalPackages::Missing& missing = *plan.missing.begin();
  return FailedPrecondition("{}: {} has its path at `{}`, where there is no Cargo.toml",
                            RealPath(missing.dependent), missing.where, RealPath(missing.folder));
}

}  // namespace

absl::StatusOr<Skeleton> BuildSkeleton(const WorkspaceText& workspace, const Narrowing& narrowing) {
  DEPCACHE_ASSIGN_OR_RETURN(WorkspacePlan plan, Plan(workspace, narrowing));
  DEPCACHE_RETURN_IF_ERROR(CheckNoneMissing(plan));
  Skeleton skeleton;
  for (std::size_t i = 0; i < workspace.packages.size(); ++i) {
    if (!plan.kept.contains(i) && i != plan.packages.root_index()) continue;
    DEPCACHE_ASSIGN_OR_RETURN(SkeletonManifest manifest,
                              MakeManifest(plan, i, workspace.packages[i],
                                           !workspace.root.empty(), ScopeOf(narrowing)));
    skeleton.manifests.push_back(std::move(manifest));
  }
  MaskLocalVersions(plan.lock, kMaskedVersion, plan.versioned);
  skeleton.lock = PrintLockfile(plan.lock);
  skeleton.config = PrintToml(WithoutSecrets(plan.config));
  skeleton.toolchain = workspace.toolchain;
  SortSkeleton(skeleton);
  DEPCACHE_RETURN_IF_ERROR(ValidateSkeleton(skeleton));
  return skeleton;
}

absl::StatusOr<std::vector<std::string>> MissingManifests(const WorkspaceText& workspace,
                                                          const Narrowing& narrowing) {
  DEPCACHE_ASSIGN_OR_RETURN(const WorkspacePlan plan, Plan(workspace, narrowing));
  std::set<std::string> paths;
  for (const LocalPackages::Missing& missing : plan.missing) {
    paths.insert(RealPath(JoinPath(missing.folder, "Cargo.toml")));
  }
  return std::vector<std::string>(paths.begin(), paths.end());
}

absl::StatusOr<NarrowedFiles> NarrowWorkspace(const WorkspaceText& workspace,
                                              const Narrowing& narrowing) {
  // Its files are the checkout's own: no path may lead elsewhere than it says.
  WorkspaceText inside = workspace;
  inside.root.clear();
  std::erase_if(inside.packages, [](const PackageText& package) {
    return package.manifest_path.starts_with("../");
  });
  DEPCACHE_ASSIGN_OR_RETURN(const WorkspacePlan plan, Plan(inside, narrowing));
  DEPCACHE_RETURN_IF_ERROR(CheckNoneMissing(plan));
  NarrowedFiles files;
  files.root_manifest = PrintToml(RootManifest(plan.packages, plan.kept, ScopeOf(narrowing)));
  files.lock = PrintLockfile(plan.lock);
  return files;
}

}  // namespace depcache
