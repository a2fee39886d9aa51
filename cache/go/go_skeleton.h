// What of a Go checkout determines its dependencies: the files that name
// modules, in canonical form, and the packages of others that are imported.
// `depcache-client go prepare` writes it; `go cook` needs nothing else.
//
// recipe.json of kind "go", version 1: docs/go.md.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/go/go_sum.h"

namespace depcache {

// A module that lies in the checkout: a main one, or one that another is
// replaced by.
struct GoLocalModule {
  std::string folder;  // "." or below the root
  std::string mod;     // go.mod, canonical
  std::string sum;     // go.sum, canonical; "" if there is none
  friend auto operator<=>(const GoLocalModule&, const GoLocalModule&) = default;
};

struct GoSkeleton {
  std::vector<GoLocalModule> modules;  // by folder
  std::string work;                    // go.work, canonical; "" if there is none
  std::string work_sum;                // go.work.sum
  std::string vendor;                  // vendor/modules.txt, as it stands
  // Import paths of packages that are not the checkout's own; sorted.
  std::vector<std::string> imports;
  friend bool operator==(const GoSkeleton&, const GoSkeleton&) = default;
};

// Brings texts as they are on disk to canonical form, and everything in order.
// Errors: INVALID_ARGUMENT naming the file (it is not understood, its folder
// leaves the root, an import path is none).
absl::StatusOr<GoSkeleton> NormalizeGoSkeleton(GoSkeleton texts);

// What all go.sum files of a normalised skeleton say. Where two differ, the
// first one holds; Go will refuse one of them.
GoSum SumsOf(const GoSkeleton& skeleton);

std::string GoSkeletonToJson(const GoSkeleton& skeleton);
// Normalised. Fields that are not known are passed over.
// Errors: INVALID_ARGUMENT.
absl::StatusOr<GoSkeleton> ParseGoSkeleton(std::string_view json);

}  // namespace depcache
