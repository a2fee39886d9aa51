// Forms the recipe of a workspace: what it is (skeleton), what of it is built
// (selection), and with what (environment).

#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/recipe/cook_selection.h"
#include "cache/recipe/profile_view.h"
#include "cache/recipe/recipe.h"
#include "cache/recipe/skeleton.h"

namespace depcache {

// The machine, as the client found it. Absolute paths below folders that
// differ between machines (home, CARGO_HOME, the workspace, target directory)
// are for the caller to replace by placeholders, in `variables` and
// `outer_configs`; relative ones ("tools/ld.sh") are compared as text.
struct CookEnvironment {
  std::string rustc_version;  // output of `rustc -vV`
  std::string cargo_version;  // output of `cargo -V`
  // Digest of the compiler's own files; needed only where rustc does not know
  // its commit.
  std::string rustc_digest;
  // Digest of a RUSTC_WRAPPER or rustc which is not known to be transparent;
  // "" if there is none.
  std::string wrapper_digest;
  // Placeholders in the texts below, and the paths they stand for. Cargo takes
  // rustc's flags as they are written into the names and fingerprints of units:
  // there a path counts, and not what it is the path of.
  std::vector<std::pair<std::string, std::string>> folder_names;
  // The whole environment; what counts is picked (environment_parts.h).
  Variables variables;
  // What build scripts and linked programs take from the host: "libc",
  // "distribution", "cc", "linker"… A fact "cpu" counts only where some flag
  // says "native"; it may always be given.
  std::map<std::string, std::string> host_facts;
  // Contents of custom target specifications, by the name given to --target,
  // CARGO_BUILD_TARGET or build.target.
  std::map<std::string, std::string> target_specs;
  // What is in directory sources: "name version digest" of each package of the
  // lock which is there, sorted; digests of the files, which no checksum of the
  // lock stands for.
  std::vector<std::string> directory_packages;
  // Configuration texts of CARGO_HOME and of folders above the workspace, with
  // what they include, lowest precedence first.
  std::vector<std::string> outer_configs;
};

// The recipe; its parts are those of recipe_parts.h. Equal for two checkouts,
// machines and days exactly when what counts is equal: names and sources of
// members' targets, members' versions, order, comments, paths of folders,
// times, jobs, terminals and toolchain names are nowhere in it.
//
// With resolver 2 or 3, only what the selected packages reach counts, in
// manifests and lock. With resolver 1 everything does: there features of
// dev-dependencies, and of the package of the current folder, are united into
// a build whatever is selected. The same holds when a -p names no member, or
// feature unification is configured.
//
// `skeleton` must be valid and sorted. Thread-safe.
// Errors: FAILED_PRECONDITION (build-std or artifact dependencies, which cannot
// be cached; a flag says "native" and there is no fact "cpu"; rustc does not
// know its commit and there is no digest; Cargo.lock of an unknown format);
// INVALID_ARGUMENT.
absl::StatusOr<Recipe> MakeRecipe(const Skeleton& skeleton, const CookSelection& selection,
                                  const CookEnvironment& environment);

}  // namespace depcache
