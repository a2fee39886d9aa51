#include "cache/recipe/make_recipe.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cache/base/check.h"
#include "cache/base/status.h"
#include "cache/recipe/build_flags.h"
#include "cache/recipe/cargo_config.h"
#include "cache/recipe/environment_parts.h"
#include "cache/recipe/local_packages.h"
#include "cache/recipe/lockfile.h"
#include "cache/recipe/manifest.h"
#include "cache/recipe/package_view.h"
#include "cache/recipe/recipe_parts.h"
#include "cache/recipe/relative_path.h"
#include "cache/recipe/toolchain.h"
#include "cache/recipe/workspace_plan.h"

namespace depcache {
namespace {

// Collects parts. Names and sizes may come from outside: Recipe::FromParts
// checks them at the end.
class PartList {
 public:
  // An empty value is no part: to be absent and to be empty mean the same.
  void Add(std::string name, std::string value) {
    if (!value.empty()) AddEvenEmpty(std::move(name), std::move(value));
  }
  void AddLines(std::string name, const std::vector<std::string>& lines) {
    Add(std::move(name), fmt::format("{}", fmt::join(lines, "\n")));
  }
  void AddEvenEmpty(std::string name, std::string value) {
    DEPCACHE_CHECK(IsRecipePart(name));
    says_native_ |= value.find("=native") != std::string::npos;
    parts_.emplace_back(std::move(name), std::move(value));
  }

  // Whether some value names the CPU it was made on: "-C target-cpu=native",
  // "-march=native".
  bool says_native() const { return says_native_; }
  std::vector<std::pair<std::string, std::string>> Take() { return std::move(parts_); }

 private:
  std::vector<std::pair<std::string, std::string>> parts_;
  bool says_native_ = false;
};

// Puts paths in the place of their placeholders.
void WritePaths(const std::vector<std::pair<std::string, std::string>>& folder_names,
                std::string& text) {
  for (const auto& [name, path] : folder_names) {
    for (std::size_t at = text.find(name); at != std::string::npos;
         at = text.find(name, at + path.size())) {
      text.replace(at, name.size(), path);
    }
  }
}

absl::StatusOr<LocalPackages> ParsePackages(const Skeleton& skeleton) {
  std::vector<LocalPackage> packages;
  for (const SkeletonManifest& manifest : skeleton.manifests) {
    absl::StatusOr<TomlTable> table = ParseManifest(manifest.contents);
    if (!table.ok()) return Annotate(table.status(), manifest.path);
    LocalPackage package;
    package.folder = ParentPath(manifest.path);
    package.name = PackageName(*table);
    package.manifest = *std::move(table);
    packages.push_back(std::move(package));
  }
  for (const LocalPackage& package : packages) {
    if (!package.folder.empty()) continue;
    const FolderList members(package.manifest, "members");
    for (LocalPackage& other : packages) {
      other.is_member = other.folder.empty() || members.Contains(other.folder);
    }
    break;
  }
  return LocalPackages::Make(std::move(packages));
}

// Everything that is asked of skeleton, selection and environment together.
struct Inputs {
  const Skeleton& skeleton;
  const CookSelection& selection;
  const CookEnvironment& environment;
  Toolchain toolchain;
  std::string resolver;
  SelectedPackages selected;
  WorkspacePlan plan;

  const TomlTable& root() const { return plan.packages.root().manifest; }
  const TomlTable& config() const { return plan.config; }
};

bool UnifiesFeatures(const Inputs& inputs) {
  return inputs.environment.variables.contains("CARGO_RESOLVER_FEATURE_UNIFICATION") ||
         Find(FindTable(&inputs.config(), "resolver"), "feature-unification") != nullptr;
}

absl::Status Read(Inputs& inputs) {
  DEPCACHE_ASSIGN_OR_RETURN(inputs.toolchain, ParseToolchain(inputs.environment.rustc_version));
  std::vector<std::string> configs = inputs.environment.outer_configs;
  configs.push_back(inputs.skeleton.config);
  for (const std::string& config : inputs.selection.configs) configs.push_back(config);
  absl::StatusOr<TomlTable> config = MergeConfigs(configs);
  if (!config.ok()) return Annotate(config.status(), "Cargo's configuration");
  inputs.plan.config = *std::move(config);
  DEPCACHE_ASSIGN_OR_RETURN(inputs.plan.packages, ParsePackages(inputs.skeleton));
  absl::StatusOr<Lockfile> lock = ParseLockfile(inputs.skeleton.lock);
  if (!lock.ok()) return Annotate(lock.status(), "Cargo.lock");
  inputs.plan.lock = *std::move(lock);

  inputs.resolver = EffectiveResolver(inputs.root());
  inputs.selected = SelectPackages(inputs.plan.packages, inputs.selection);
  const bool is_narrow =
      inputs.selected.is_exact && inputs.resolver != "1" && !UnifiesFeatures(inputs);
  const PackageSet counted = is_narrow ? inputs.selected.packages : inputs.plan.packages.Members();
  absl::StatusOr<WorkspacePlan> plan = PlanFor(inputs.plan, counted, PlanScope::kNarrowed);
  if (!plan.ok()) {
    // The lock does not know a member: all of it counts.
    plan = PlanFor(inputs.plan, inputs.plan.packages.Members(), PlanScope::kWhole);
  }
  DEPCACHE_RETURN_IF_ERROR(plan.status());
  inputs.plan = *std::move(plan);
  if (inputs.plan.missing.empty()) return absl::OkStatus();
  const LocalPackages::Missing& missing = *inputs.plan.missing.begin();
  return InvalidArgument("{}: {} has its path at `{}`, where there is no Cargo.toml",
                         missing.dependent, missing.where, missing.folder);
}

// What no layer can hold.
absl::Status CheckSupported(const Inputs& inputs) {
  bool builds_std = inputs.environment.variables.contains("CARGO_UNSTABLE_BUILD_STD") ||
                    Find(FindTable(&inputs.config(), "unstable"), "build-std") != nullptr;
  for (const std::string& flag : inputs.selection.unstable_flags) {
    builds_std |= flag.starts_with("build-std");
  }
  if (!builds_std) return absl::OkStatus();
  return FailedPrecondition("builds with -Z build-std cannot be cached");
}

absl::Status AddToolchain(const Inputs& inputs, PartList& parts) {
  const CookEnvironment& environment = inputs.environment;
  if (inputs.toolchain.commit_hash.empty()) {
    if (environment.rustc_digest.empty()) {
      return FailedPrecondition("rustc does not know its commit, and there is no digest of it");
    }
    parts.Add("rustc.digest", environment.rustc_digest);
  }
  parts.Add("rustc", inputs.toolchain.text);
  const std::string& cargo = environment.cargo_version;
  parts.Add("cargo", cargo.substr(0, cargo.find_first_of("\r\n")));
  parts.Add("rustc.wrapper", environment.wrapper_digest);
  parts.AddLines("sources.directory", environment.directory_packages);
  return absl::OkStatus();
}

void AddSelection(const Inputs& inputs, PartList& parts) {
  const CookSelection& selection = inputs.selection;
  parts.Add("command", selection.command == CookCommand::kCheck ? "check" : "build");
  std::vector<std::string> lines;
  for (const std::size_t index : inputs.selected.packages) {
    lines.push_back(inputs.plan.packages.IdOf(index));
  }
  if (!inputs.selected.is_exact) {
    for (const std::string& spec : selection.packages) lines.push_back("-p " + spec);
  }
  std::ranges::sort(lines);
  parts.AddLines("selection.packages", lines);
  parts.AddLines("selection.features", FeatureSelectionLines(selection));
  parts.AddLines("selection.targets", TargetSelectionLines(selection));
  std::vector<std::string> flags = selection.unstable_flags;
  std::ranges::sort(flags);
  parts.AddLines("selection.unstable", flags);
}

absl::Status AddWorkspace(const Inputs& inputs, PartList& parts) {
  const WorkspacePlan& plan = inputs.plan;
  DEPCACHE_ASSIGN_OR_RETURN(
      const std::vector<std::string> packages,
      PackageLines(plan.packages, plan.kept, inputs.skeleton, inputs.selection));
  parts.AddLines("packages", packages);
  parts.AddLines("workspace", WorkspaceLines(inputs.root()));
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<std::string> patches,
                            PatchLines(plan.packages, inputs.root()));
  parts.AddLines("patch", patches);
  parts.AddLines("lock", LockLines(plan.lock));
  parts.Add("resolver", inputs.resolver);
  return absl::OkStatus();
}

absl::Status AddConfig(const Inputs& inputs, const std::vector<std::string>& platforms,
                       const std::vector<std::string>& profiles, PartList& parts) {
  const TomlTable& config = inputs.config();
  std::vector<std::string> variables;
  for (const auto& [name, text] : ConfigVariables(config, IsPublicVariable)) {
    variables.push_back(PrintTomlKey(name) + " = " + text);
  }
  parts.AddLines("config.env", variables);
  for (const std::string_view key : {"host", "registries", "source", "unstable"}) {
    const TomlTable* table = FindTable(&config, key);
    if (table != nullptr) parts.AddLines(fmt::format("config.{}", key), TomlLines(*table));
  }
  for (const std::string_view key : {"paths", "target-applies-to-host"}) {
    const TomlValue* value = Find(&config, key);
    if (value != nullptr) parts.Add(fmt::format("config.{}", key), PrintTomlInline(*value));
  }
  const TomlValue* unification = Find(FindTable(&config, "resolver"), "feature-unification");
  if (unification != nullptr) {
    parts.Add("config.resolver", "feature-unification = " + PrintTomlInline(*unification));
  }
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<std::string> patches,
                            PatchLines(inputs.plan.packages, config));
  parts.AddLines("config.patch", patches);
  parts.AddLines("config.profile", ProfileLines(profiles, config));
  parts.AddLines("config.target", TomlLines(PlatformTables(config, platforms)));
  return absl::OkStatus();
}

absl::Status AddBuild(const Inputs& inputs, PartList& parts) {
  const CookEnvironment& environment = inputs.environment;
  const std::string& host = inputs.toolchain.host_triple;
  const std::vector<std::string> targets =
      EffectiveTargets(inputs.selection, environment.variables, inputs.config(), host);
  const std::vector<std::string> platforms = PlatformNames(targets, host);
  std::vector<std::string> names;
  for (const std::string& target : targets) {
    names.push_back(ShortTargetName(target));
    if (names.back().empty()) return InvalidArgument("`{}` is no target", target);
    if (!IsTargetSpec(target)) continue;
    const auto spec = environment.target_specs.find(target);
    if (spec == environment.target_specs.end()) {
      return InvalidArgument("the text of target specification `{}` is missing", target);
    }
    parts.Add("target-spec." + names.back(), spec->second);
  }
  std::ranges::sort(names);
  parts.AddLines("targets", names);
  std::vector<std::string> rustflags =
      RustflagLines(environment.variables, inputs.config(), targets, host);
  for (std::string& line : rustflags) WritePaths(environment.folder_names, line);
  parts.AddLines("rustflags", rustflags);

  const std::string profile = inputs.selection.profile.empty() ? "dev" : inputs.selection.profile;
  const std::vector<std::string> profiles =
      ProfileChain(profile, inputs.root(), inputs.config(), environment.variables);
  parts.Add("profile", profile);
  parts.AddLines("profile.settings", ProfileLines(profiles, inputs.root()));
  DEPCACHE_RETURN_IF_ERROR(AddConfig(inputs, platforms, profiles, parts));
  for (auto& [name, text] : EnvironmentParts(environment.variables, platforms, profiles)) {
    // To be set to nothing is not the same as not to be set.
    parts.AddEvenEmpty("env." + name, text);
  }
  return absl::OkStatus();
}

absl::Status AddHost(const Inputs& inputs, PartList& parts) {
  const auto& facts = inputs.environment.host_facts;
  const bool needs_cpu = parts.says_native();
  if (needs_cpu && !facts.contains("cpu")) {
    return FailedPrecondition("a flag asks for the native CPU, and which one it is is not known");
  }
  for (const auto& [name, value] : facts) {
    if (name.empty()) return InvalidArgument("a host fact has no name");
    if (name != "cpu" || needs_cpu) parts.Add("host." + name, value);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Recipe> MakeRecipe(const Skeleton& skeleton, const CookSelection& selection,
                                  const CookEnvironment& environment) {
  Inputs inputs{skeleton, selection, environment, {}, {}, {}, {}};
  DEPCACHE_RETURN_IF_ERROR(Read(inputs));
  DEPCACHE_RETURN_IF_ERROR(CheckSupported(inputs));
  PartList parts;
  DEPCACHE_RETURN_IF_ERROR(AddToolchain(inputs, parts));
  AddSelection(inputs, parts);
  DEPCACHE_RETURN_IF_ERROR(AddWorkspace(inputs, parts));
  DEPCACHE_RETURN_IF_ERROR(AddBuild(inputs, parts));
  DEPCACHE_RETURN_IF_ERROR(AddHost(inputs, parts));
  return Recipe::FromParts(parts.Take());
}

}  // namespace depcache
