#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/recipe/local_packages.h"
#include "cache/recipe/skeleton.h"

namespace depcache {

enum class CookCommand {
  kBuild,
  kCheck,  // also clippy, whose dependencies are the same
};

// What of a workspace is built, in the words of cargo's command line. Options
// that do not change what is compiled (--jobs, --locked, -v, --target-dir,
// colours…) have no field. The order of a list does not matter unless it says so.
struct CookSelection {
  CookCommand command = CookCommand::kBuild;
  std::string profile = "dev";       // "release" for --release
  std::vector<std::string> targets;  // --target: triples, "host-tuple", or paths of .json files

  std::vector<std::string> features;  // each may hold several, by comma or blank
  bool all_features = false;
  bool no_default_features = false;

  // -p and --exclude: names, with '*', '?' and '[…]' as cargo takes them. In a
  // member's folder cargo selects that member: then the caller names it here.
  std::vector<std::string> packages;
  std::vector<std::string> excluded;
  bool workspace = false;

  bool lib = false;
  bool bins = false;
  bool examples = false;
  bool tests = false;
  bool benches = false;
  bool all_targets = false;
  std::vector<std::string> bin_names;  // --bin
  std::vector<std::string> example_names;
  std::vector<std::string> test_names;
  std::vector<std::string> bench_names;

  std::vector<std::string> unstable_flags;  // -Z
  // --config KEY=VALUE, and the texts of files named by it; in order, the last
  // one wins.
  std::vector<std::string> configs;
};

// The packages that a selection builds.
struct SelectedPackages {
  PackageSet packages;
  // False if a -p names what is not in the workspace, a dependency or a URL:
  // then nothing may be left out because it is not selected.
  bool is_exact = true;
};

// Without any option: default-members, else the root's package, else all.
SelectedPackages SelectPackages(const LocalPackages& packages, const CookSelection& selection);

// Whether targets of this kind are compiled, or might be.
bool BuildsKind(const CookSelection& selection, TargetKind kind);
// Whether a target is selected by its name.
bool NamesTarget(const CookSelection& selection, TargetKind kind, std::string_view name);

// Lines which say which targets are built: "bins", "bin server", "tests"…;
// empty for cargo's default.
std::vector<std::string> TargetSelectionLines(const CookSelection& selection);
// "all-features", "no-default-features" and the features, one a line.
std::vector<std::string> FeatureSelectionLines(const CookSelection& selection);

}  // namespace depcache
