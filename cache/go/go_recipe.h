// The recipe of a Go checkout: what its dependencies are built of, and with
// what. Parts: docs/go.md.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/go/go_skeleton.h"
#include "cache/recipe/recipe.h"

namespace depcache {

// GOFLAGS and our own options, as far as they change a compiled dependency.
struct GoBuildFlags {
  std::vector<std::string> flags;  // in order; without tags
  std::vector<std::string> tags;   // sorted
  std::string mod;                 // of -mod: "", "mod", "readonly", "vendor"
  friend bool operator==(const GoBuildFlags&, const GoBuildFlags&) = default;
};

// `goflags` as in the variable: words apart by spaces, single or double quotes
// around what holds some. `tags` ("a,b") stands in for those of GOFLAGS.
// Errors: INVALID_ARGUMENT (a quote that is not closed; a flag with which a
// build is not what a recipe could name: -modfile, -overlay, -toolexec,
// -compiler, -a, -buildmode other than exe).
absl::StatusOr<GoBuildFlags> ParseGoFlags(std::string_view goflags, std::string_view tags);

// The toolchain and the environment.
struct GoEnvironment {
  std::string version;                     // of `go version`: "go1.19.8 linux/amd64"
  std::map<std::string, std::string> env;  // as `go env -json` says
  std::string cc;                          // what $CC says of its version; "" without cgo
  GoBuildFlags flags;
};

// Errors: INVALID_ARGUMENT (past a limit of recipes).
absl::StatusOr<Recipe> MakeGoRecipe(const GoSkeleton& skeleton, const GoEnvironment& environment);

}  // namespace depcache
