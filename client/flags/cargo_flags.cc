#include "client/flags/cargo_flags.h"

#include "cache/base/status.h"
#include "cache/base/text.h"

namespace depcache::client {
namespace {

void Repeat(std::vector<std::string>& args, std::string_view flag,
            const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    args.emplace_back(flag);
    args.push_back(value);
  }
}

}  // namespace

std::vector<Option> CargoOptions(CargoFlags& flags) {
  return {
      {"--recipe-path", &flags.recipe_path,
       "Cook from this recipe.json alone; without it, from the workspace here"},
      {"--profile", &flags.profile, "Build with this profile"},
      {"-r,--release", &flags.release, "Build with the release profile"},
      {"--check", &flags.check, "Only what `cargo check` needs"},
      {"--clippy", &flags.clippy, "Only what `cargo clippy` needs: the same as --check"},
      {"--zigbuild", &flags.zigbuild, "Not supported: refused by name"},
      {"--target", &flags.targets, "Target triple or custom target file; may be repeated"},
      {"--target-dir", &flags.target_dir, "Folder for what is built", "CARGO_TARGET_DIR"},
      {"--no-default-features", &flags.no_default_features, "Without the default features"},
      {"--all-features", &flags.all_features, "With all features"},
      {"-F,--features", &flags.features, "Features to activate, by comma or blank"},
      {"-Z", &flags.unstable, "Unstable flag of Cargo; may be repeated"},
      {"--lib", &flags.lib, "Library targets"},
      {"--bins", &flags.bins, "All binaries"},
      {"--bin", &flags.bin_names, "This binary; may be repeated"},
      {"--tests", &flags.tests, "All tests"},
      {"--benches", &flags.benches, "All benchmarks"},
      {"--examples", &flags.examples, "All examples"},
      {"--all-targets", &flags.all_targets, "All targets"},
      {"--manifest-path", &flags.manifest_path, "Path of a Cargo.toml of the workspace"},
      {"-p,--package", &flags.packages, "Package to build; may be repeated"},
      {"--exclude", &flags.exclude, "Package to leave out of --workspace; may be repeated"},
      {"--workspace,--all", &flags.workspace, "All packages of the workspace"},
      {"--offline", &flags.offline, "Cargo does not use the network"},
      {"--locked", &flags.locked, "Fail if Cargo.lock would change"},
      {"--frozen", &flags.frozen, "--locked and --offline"},
      {"-v,--verbose", &flags.verbose, "Cargo's own verbose output; twice for more"},
      {"--timings", &flags.timings, "Cargo's report of compile times, of what was compiled"},
      {"-j,--jobs", &flags.jobs, "Parallel jobs of Cargo"},
      {"--no-std", &flags.no_std, "With --no-build: write stubs which need no standard library"},
      {"--no-build", &flags.no_build, "Only write manifests and stubs into this folder"},
      {"--config", &flags.configs, "KEY=VALUE of Cargo's configuration, or a file; may be repeated"},
  };
}

absl::StatusOr<std::uint32_t> ParseVerifyShare(std::string_view text) {
  const auto wrong = [&] {
    return InvalidArgument("--verify={}: write a share from 1% to 100%, as --verify=25%", text);
  };
  if (!text.ends_with('%')) return wrong();
  const absl::StatusOr<std::uint64_t> share = ParseNumber(text.substr(0, text.size() - 1), 100);
  if (!share.ok() || *share == 0) return wrong();
  return static_cast<std::uint32_t>(*share);
}

absl::Status CheckFlags(const CargoFlags& flags) {
  if (flags.zigbuild) {
    return InvalidArgument(
        "--zigbuild: cargo-zigbuild links through its own wrapper, whose output depcache cannot "
        "key; leave the flag out, or use a target's own linker");
  }
  if (flags.release && !flags.profile.empty()) {
    return InvalidArgument("--release and --profile exclude each other");
  }
  const int modes = int{flags.check} + int{flags.clippy} + int{flags.no_build};
  if (modes > 1) return InvalidArgument("only one of --check, --clippy and --no-build can be given");
  if (flags.no_build && flags.recipe_path.empty()) {
    return InvalidArgument("--no-build writes what a recipe.json holds: say --recipe-path");
  }
  if (flags.no_std && !flags.no_build) {
    return InvalidArgument("--no-std changes the stubs of --no-build; no stub is compiled otherwise");
  }
  if (!flags.recipe_path.empty() && !flags.manifest_path.empty()) {
    return InvalidArgument("--recipe-path and --manifest-path exclude each other");
  }
  for (const std::string& flag : flags.unstable) {
    if (flag.starts_with("build-std")) {
      return InvalidArgument("-Z{}: a standard library of one's own cannot be shared yet", flag);
    }
  }
  return absl::OkStatus();
}

std::string ProfileName(const CargoFlags& flags) {
  if (flags.release) return "release";
  return flags.profile.empty() ? "dev" : flags.profile;
}

CookSelection SelectionOf(const CargoFlags& flags) {
  CookSelection selection;
  selection.command = flags.check || flags.clippy ? CookCommand::kCheck : CookCommand::kBuild;
  selection.profile = ProfileName(flags);
  selection.targets = flags.targets;
  selection.features = flags.features;
  selection.all_features = flags.all_features;
  selection.no_default_features = flags.no_default_features;
  selection.packages = flags.packages;
  selection.excluded = flags.exclude;
  selection.workspace = flags.workspace;
  selection.lib = flags.lib;
  selection.bins = flags.bins;
  selection.examples = flags.examples;
  selection.tests = flags.tests;
  selection.benches = flags.benches;
  selection.all_targets = flags.all_targets;
  selection.bin_names = flags.bin_names;
  selection.unstable_flags = flags.unstable;
  selection.configs = flags.configs;
  return selection;
}

std::vector<std::string> CargoArguments(const CargoFlags& flags) {
  std::vector<std::string> args = {flags.check || flags.clippy ? "check" : "build"};
  const auto add = [&](bool is_set, std::string_view flag) {
    if (is_set) args.emplace_back(flag);
  };
  if (ProfileName(flags) != "dev") {
    args.emplace_back("--profile");
    args.push_back(ProfileName(flags));
  }
  Repeat(args, "--target", flags.targets);
  Repeat(args, "--features", flags.features);
  add(flags.all_features, "--all-features");
  add(flags.no_default_features, "--no-default-features");
  Repeat(args, "-Z", flags.unstable);
  add(flags.lib, "--lib");
  add(flags.bins, "--bins");
  Repeat(args, "--bin", flags.bin_names);
  add(flags.tests, "--tests");
  add(flags.benches, "--benches");
  add(flags.examples, "--examples");
  add(flags.all_targets, "--all-targets");
  Repeat(args, "--package", flags.packages);
  Repeat(args, "--exclude", flags.exclude);
  add(flags.workspace, "--workspace");
  add(flags.offline, "--offline");
  add(flags.locked, "--locked");
  add(flags.frozen, "--frozen");
  if (!flags.jobs.empty()) {
    args.emplace_back("--jobs");
    args.push_back(flags.jobs);
  }
  Repeat(args, "--config", flags.configs);
  return args;
}

}  // namespace depcache::client
