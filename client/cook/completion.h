// That a recipe's units are all in a build directory: so that a cook with
// nothing to do asks nobody.
//
// Stored form, version 2: `.depcache/recipe-<hash>` in the build directory.
//
//   done := "dcd2" cargo_home:str count:u32 (hash_file:str output:32)* predicates
//           count:u32 path:str*        ; sources, below CARGO_HOME

#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>

#include "cache/base/digest.h"
#include "cache/layer/predicate.h"
#include "client/capture/declared_inputs.h"
#include "client/cargo/machine_folders.h"
#include "client/cook/stamp.h"

namespace depcache::client {

struct Completion {
  std::vector<std::pair<std::string, OutputDigest>> units;
  std::vector<Predicate> predicates;
  std::vector<std::string> source_files;
  // Fingerprints hold paths below it: with another one nothing is complete.
  std::string cargo_home;
};

absl::Status WriteCompletion(const std::filesystem::path& build_dir, const RecipeHash& recipe,
                             const Completion& completion);

// The number of units if all of them, and what offline builds need, are as
// they were recorded and the predicates hold; 0 if not.
std::size_t CompleteUnits(const MachineFolders& folders, const RecipeHash& recipe,
                          const EnvLookup& env);

}  // namespace depcache::client
