#include "client/cook/cook_input.h"

#include <algorithm>
#include <future>
#include <system_error>

#include "cache/base/status.h"
#include "cache/base/text.h"
#include "cache/recipe/make_recipe.h"
#include "cache/recipe/manifest.h"
#include "cache/recipe/outside_packages.h"
#include "cache/recipe/skeleton_json.h"
#include "cache/recipe/toml_text.h"
#include "client/capture/declared_inputs.h"
#include "client/cargo/config_files.h"
#include "client/cargo/directory_sources.h"
#include "client/cargo/metadata.h"
#include "client/cook/folder_names.h"
#include "client/cook/scratch.h"
#include "client/workspace/read_workspace.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxRecipeJsonBytes = kMaxSkeletonBytes;
constexpr std::uint64_t kMaxTargetSpecBytes = 1 << 20;
constexpr std::uint64_t kMaxWrapperBytes = 512 << 20;

absl::StatusOr<WorkspaceMetadata> AskMetadata(Context& context, const std::string& manifest_path,
                                              const std::vector<std::string>& config_options) {
  const std::string chosen = Get(context.environment, "CARGO");
  const std::string cargo = chosen.empty() ? "cargo" : chosen;
  ProcessCommand command;
  command.argv = {cargo, "metadata", "--no-deps", "--format-version", "1"};
  for (const std::string& option : config_options) {
    command.argv.emplace_back("--config");
    command.argv.push_back(option);
  }
  if (!manifest_path.empty()) {
    command.argv.emplace_back("--manifest-path");
    command.argv.push_back(manifest_path);
  }
  command.cwd = context.cwd;
  absl::StatusOr<ProcessResult> result = context.processes.Run(command);
  if (result.status().code() == absl::StatusCode::kNotFound) {
    return NotFound("{} is not installed, or not in PATH; see https://rustup.rs", cargo);
  }
  DEPCACHE_RETURN_IF_ERROR(result.status());
  if (result->exit_code != 0) {
    return InvalidArgument("cargo cannot read this workspace: {}", Trim(result->err));
  }
  return ParseMetadata(result->out);
}

fs::path Absolute(const fs::path& base, const fs::path& path) {
  return NormalFolder(base / path);
}

// Folders which do not depend on the workspace.
MachineFolders UserFolders(const Context& context) {
  MachineFolders folders;
  folders.home = NormalFolder(Get(context.environment, "HOME"));
  const std::string cargo_home = Get(context.environment, "CARGO_HOME");
  const std::string rustup_home = Get(context.environment, "RUSTUP_HOME");
  folders.cargo_home =
      cargo_home.empty() ? folders.home / ".cargo" : Absolute(context.cwd, cargo_home);
  folders.rustup_home =
      rustup_home.empty() ? folders.home / ".rustup" : Absolute(context.cwd, rustup_home);
  folders.temp = NormalFolder(Get(context.environment, "TMPDIR"));
  return folders;
}

// The value of the first variable that is set, else of build.<key>.
std::string BuildSetting(const Context& context, const std::vector<std::string>& configs,
                         const char* variable, std::string_view key) {
  std::string value = Get(context.environment, variable);
  if (!value.empty()) return value;
  for (const std::string& text : configs) {
    const absl::StatusOr<TomlTable> table = ParseToml(text);
    if (!table.ok()) continue;
    if (const std::string* found = FindString(FindTable(&*table, "build"), key)) value = *found;
  }
  return value;
}

// Where Cargo will write in `context.cwd`, for a workspace that is not there yet.
absl::Status SetTargetFolders(const Context& context, const CargoFlags& flags,
                              const std::vector<std::string>& configs, MachineFolders& folders) {
  std::string target = flags.target_dir;
  if (target.empty()) {
    target = BuildSetting(context, configs, "CARGO_BUILD_TARGET_DIR", "target-dir");
  }
  folders.target_dir = Absolute(context.cwd, target.empty() ? "target" : target);
  std::string build = BuildSetting(context, configs, "CARGO_BUILD_BUILD_DIR", "build-dir");
  if (build.find("{workspace-path-hash}") != std::string::npos) {
    return FailedPrecondition(
        "build.build-dir has {{workspace-path-hash}}, which only a checkout has; cook in the "
        "checkout, or set CARGO_BUILD_BUILD_DIR");
  }
  const auto replace = [&](std::string_view what, const fs::path& by) {
    const std::size_t at = build.find(what);
    if (at != std::string::npos) build.replace(at, what.size(), by.native());
  };
  replace("{workspace-root}", context.cwd);
  replace("{cargo-cache-home}", folders.cargo_home);
  folders.build_dir = build.empty() ? folders.target_dir : Absolute(context.cwd, build);
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, std::string>> ReadTargetSpecs(const CargoFlags& flags,
                                                                   const fs::path& cwd) {
  std::map<std::string, std::string> specs;
  for (const std::string& target : flags.targets) {
    if (!target.ends_with(".json")) continue;
    DEPCACHE_ASSIGN_OR_RETURN(specs[target], ReadFile(cwd / target, kMaxTargetSpecBytes));
  }
  return specs;
}

// The file of a program; the name itself if PATH does not have it.
fs::path FindProgram(const std::string& name, const Context& context) {
  if (name.find('/') != std::string::npos) return context.cwd / name;
  for (const std::string& folder : Split(Get(context.environment, "PATH"), ':')) {
    std::error_code error;
    fs::path file = fs::path(folder) / name;
    if (fs::is_regular_file(file, error)) return file;
  }
  return name;
}

std::string ProgramDigest(const fs::path& file) {
  const absl::StatusOr<std::string> bytes = ReadFile(file, kMaxWrapperBytes);
  return HashAs<BlobHash>(bytes.ok() ? *bytes : file.native()).ToHex();
}

// Cargo has the paths in its fingerprints. A script is told apart by its text.
std::string LinkerFact(const std::vector<std::string>& paths) {
  std::string fact;
  for (const std::string& path : paths) {
    fact += fact.empty() ? path : '\n' + path;
    const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxWrapperBytes);
    if (bytes.ok() && bytes->starts_with("#!")) fact += ' ' + HashAs<BlobHash>(*bytes).ToHex();
  }
  return fact;
}

// The compiler of the toolchain, or rustup's stand-in for it: what it is, it
// says itself. Anything else may be a script that changes what is compiled.
bool IsPlainCompiler(const fs::path& file, const fs::path& sysroot) {
  std::error_code error;
  if (fs::equivalent(file, sysroot / "bin" / "rustc", error)) return true;
  return fs::equivalent(file, file.parent_path() / "rustup", error);
}

// A wrapper or chosen compiler that is not known to leave the output alone is
// told apart by its bytes.
std::string WrapperDigest(const CookInput& input, const Context& context) {
  const CompilerChoice& compiler = input.compiler;
  std::string digest;
  if (!compiler.is_wrapper_transparent) {
    digest = ProgramDigest(FindProgram(compiler.wrapper, context));
  }
  if (!compiler.is_rustc_chosen) return digest;
  const fs::path rustc = FindProgram(compiler.rustc, context);
  if (IsPlainCompiler(rustc, input.tools.sysroot)) return digest;
  return digest + "rustc " + ProgramDigest(rustc);
}

// The member whose folder, or manifest, cargo is called with; "" at the root.
std::string MemberHere(const CookInput& input, const Context& context) {
  const fs::path& root = input.folders.workspace;
  fs::path folder = context.cwd;
  if (!input.flags.manifest_path.empty()) {
    folder = Absolute(context.cwd, input.flags.manifest_path).parent_path();
  }
  std::error_code error;
  while (!fs::exists(folder / "Cargo.toml", error) && folder != folder.root_path()) {
    folder = folder.parent_path();
  }
  if (fs::equivalent(folder, root, error)) return "";
  const fs::path path = fs::relative(folder, root, error) / "Cargo.toml";
  for (const SkeletonManifest& manifest : input.skeleton.manifests) {
    if (RealPath(manifest.path) != path.generic_string()) continue;
    const absl::StatusOr<TomlTable> table = ParseManifest(manifest.contents);
    return table.ok() ? PackageName(*table) : "";
  }
  return "";
}

// Whether some build script may ask pkg-config; others need not wait for it.
bool AsksPkgConfig(const Lockfile& lock) {
  return std::ranges::any_of(
      lock.packages, [](const LockedPackage& package) { return package.name == "pkg-config"; });
}

CookSelection FormSelection(const CookInput& input, const Context& context,
                            const ConfigOptions& options) {
  CookSelection selection = SelectionOf(input.flags);
  selection.configs.clear();
  for (const ConfigText& file : options.files) {
    selection.configs.push_back(WithFolderNames(file.text, input.folders));
  }
  if (input.IsRecipeOnly() || selection.workspace || !selection.packages.empty()) return selection;
  if (std::string member = MemberHere(input, context); !member.empty()) {
    selection.packages.push_back(std::move(member));
  }
  return selection;
}

absl::StatusOr<Recipe> FormRecipe(const CookInput& input, const Context& context,
                                  const CookSelection& selection,
                                  const std::vector<std::string>& outer_configs,
                                  std::map<std::string, std::string> host_facts) {
  CookEnvironment environment;
  environment.rustc_version = input.tools.rustc_version;
  environment.cargo_version = input.tools.cargo_version;
  environment.rustc_digest = input.tools.rustc_digest;
  environment.wrapper_digest = WrapperDigest(input, context);
  for (const auto& [name, value] : context.environment) {
    environment.variables[name] = WithFolderNames(value, input.folders);
  }
  environment.folder_names = FolderNames(input.folders);
  environment.host_facts = std::move(host_facts);
  for (const DirectoryPackage& package : input.folders.directory_packages) {
    environment.directory_packages.push_back(fmt::format(
        "{} {} {}", package.name, package.version,
        package.digest.empty() ? std::string_view("unreadable") : package.digest));
  }
  std::sort(environment.directory_packages.begin(), environment.directory_packages.end());
  DEPCACHE_ASSIGN_OR_RETURN(environment.target_specs, ReadTargetSpecs(input.flags, context.cwd));
  for (const std::string& text : outer_configs) {
    environment.outer_configs.push_back(WithFolderNames(text, input.folders));
  }
  return MakeRecipe(input.skeleton, selection, environment);
}

absl::Status LoadCheckout(Context& context, CookInput& input, ConfigTexts& configs) {
  DEPCACHE_ASSIGN_OR_RETURN(
      const WorkspaceMetadata metadata,
      AskMetadata(context, input.flags.manifest_path, input.flags.configs));
  DEPCACHE_ASSIGN_OR_RETURN(configs,
                            FindConfigs(context.cwd, metadata.root, input.folders.cargo_home));
  DEPCACHE_ASSIGN_OR_RETURN(const WorkspaceText workspace,
                            ReadWorkspace(metadata, configs.inner, Narrowing{}));
  DEPCACHE_ASSIGN_OR_RETURN(input.skeleton, BuildSkeleton(workspace));
  DEPCACHE_ASSIGN_OR_RETURN(input.lock, ParseLockfile(*workspace.lock));
  input.run_dir = context.cwd;
  input.folders.workspace = metadata.root;
  input.folders.target_dir = metadata.target_dir;
  input.folders.build_dir = metadata.build_dir;
  if (!input.flags.target_dir.empty()) {
    input.folders.target_dir = Absolute(context.cwd, input.flags.target_dir);
    if (metadata.build_dir == metadata.target_dir) {
      input.folders.build_dir = input.folders.target_dir;
    }
  }
  return absl::OkStatus();
}

absl::Status LoadRecipeFile(Context& context, CookInput& input, ConfigTexts& configs) {
  const fs::path file = Absolute(context.cwd, input.flags.recipe_path);
  absl::StatusOr<std::string> json = ReadFile(file, kMaxRecipeJsonBytes);
  if (!json.ok()) return Annotate(json.status(), "recipe");
  absl::StatusOr<Skeleton> skeleton = ParseSkeleton(*json);
  if (!skeleton.ok()) return Annotate(skeleton.status(), file.native());
  input.skeleton = *std::move(skeleton);
  DEPCACHE_ASSIGN_OR_RETURN(input.lock, ParseLockfile(input.skeleton.lock));
  // Everything that is configured here lies above the skeleton's own folder.
  DEPCACHE_ASSIGN_OR_RETURN(
      configs, FindConfigs(context.cwd, context.cwd / ".depcache", input.folders.cargo_home));
  input.folders.workspace = context.cwd;
  std::vector<std::string> all = configs.outer;
  all.push_back(input.skeleton.config);
  DEPCACHE_RETURN_IF_ERROR(SetTargetFolders(context, input.flags, all, input.folders));
  DEPCACHE_ASSIGN_OR_RETURN(Scratch scratch, WriteScratch(input.skeleton, context.cwd));
  input.scratch = std::move(scratch.folder);
  input.run_dir = input.scratch->path();
  configs.files.push_back({std::move(scratch.config), input.run_dir});
  return absl::OkStatus();
}

struct Checkout {
  fs::path root;
  WorkspaceText workspace;
};

absl::StatusOr<Checkout> ReadCheckout(Context& context, const std::string& manifest_path,
                                      const Narrowing& narrowing) {
  DEPCACHE_ASSIGN_OR_RETURN(const WorkspaceMetadata metadata,
                            AskMetadata(context, manifest_path, {}));
  DEPCACHE_ASSIGN_OR_RETURN(ConfigTexts configs, FindConfigs(context.cwd, metadata.root,
                                                             UserFolders(context).cargo_home));
  DEPCACHE_ASSIGN_OR_RETURN(WorkspaceText workspace,
                            ReadWorkspace(metadata, std::move(configs.inner), narrowing));
  return Checkout{metadata.root, std::move(workspace)};
}

}  // namespace

std::vector<fs::path> CookInput::PackageFolders() const {
  std::vector<fs::path> package_folders;
  for (const SkeletonManifest& manifest : skeleton.manifests) {
    const fs::path file = IsRecipeOnly() ? run_dir / manifest.path
                                         : folders.workspace / RealPath(manifest.path);
    package_folders.push_back(file.lexically_normal().parent_path());
  }
  return package_folders;
}

absl::StatusOr<CookInput> LoadCookInput(Context& context, const CargoFlags& flags) {
  CookInput input;
  input.flags = flags;
  input.folders = UserFolders(context);
  auto host_facts = std::async(std::launch::async, [&] { return HostFacts(context); });
  DEPCACHE_ASSIGN_OR_RETURN(ConfigOptions options, ReadConfigOptions(flags.configs, context.cwd));
  input.flags.configs = options.arguments;
  // Asked while cargo reads the workspace; most often no file chooses another compiler.
  const CompilerChoice likely = ChooseCompiler(context.environment, {}, options.files);
  auto likely_tools = std::async(
      flags.recipe_path.empty() ? std::launch::async : std::launch::deferred,
      [&] { return AskTools(context, likely, context.cwd); });
  ConfigTexts configs;
  absl::Status loaded = flags.recipe_path.empty() ? LoadCheckout(context, input, configs)
                                                  : LoadRecipeFile(context, input, configs);
  if (!loaded.ok()) return loaded;
  input.compiler = ChooseCompiler(context.environment, configs.files, options.files);
  configs.files.insert(configs.files.end(), options.files.begin(), options.files.end());
  input.folders.directory_packages =
      FindDirectoryPackages(DirectorySources(configs.files), input.lock);
  input.variables = WithConfigVariables(context.environment, configs.files);
  if (AsksPkgConfig(input.lock)) {
    input.folders.pkg_config = PkgConfigFiles(context);
    for (const auto& [library, text] : input.folders.pkg_config) {
      input.variables[PkgConfigVariable(library)] = text;
    }
  }
  const bool is_likely = input.run_dir == context.cwd && input.compiler.cargo == likely.cargo &&
                         input.compiler.rustc == likely.rustc;
  DEPCACHE_ASSIGN_OR_RETURN(input.tools,
                            is_likely ? likely_tools.get()
                                      : AskTools(context, input.compiler, input.run_dir));
  input.folders.sysroot = input.tools.sysroot;
  input.folders.FindLinks();
  const CookSelection selection = FormSelection(input, context, options);
  std::map<std::string, std::string> facts = host_facts.get();
  const std::string linkers =
      LinkerFact(LinkerPaths(context.environment, configs.files, context.cwd));
  if (!linkers.empty()) facts["linker-path"] = linkers;
  DEPCACHE_ASSIGN_OR_RETURN(
      input.recipe, FormRecipe(input, context, selection, configs.outer, std::move(facts)));
  return input;
}

absl::StatusOr<Skeleton> LoadSkeleton(Context& context, const std::string& manifest_path,
                                      const Narrowing& narrowing) {
  DEPCACHE_ASSIGN_OR_RETURN(const Checkout checkout,
                            ReadCheckout(context, manifest_path, narrowing));
  return BuildSkeleton(checkout.workspace, narrowing);
}

absl::Status NarrowInPlace(Context& context, const std::string& manifest_path,
                           const Narrowing& narrowing) {
  if (narrowing.IsEmpty()) return InvalidArgument("narrow to what? Name a --bin or a --package");
  DEPCACHE_ASSIGN_OR_RETURN(const Checkout checkout,
                            ReadCheckout(context, manifest_path, narrowing));
  DEPCACHE_ASSIGN_OR_RETURN(const NarrowedFiles files,
                            NarrowWorkspace(checkout.workspace, narrowing));
  DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(checkout.root / "Cargo.lock", files.lock));
  return WriteFileAtomic(checkout.root / "Cargo.toml", files.root_manifest);
}

}  // namespace depcache::client
