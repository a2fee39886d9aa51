// The flags of `cook` and of the commands which compute the same recipe:
// cargo-chef's, plus those of cargo that choose what is built.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/recipe/cook_selection.h"
#include "client/command.h"

namespace depcache::client {

struct CargoFlags {
  std::string recipe_path;
  std::string profile;
  bool release = false;
  bool check = false;
  bool clippy = false;
  bool zigbuild = false;
  bool no_build = false;
  bool no_std = false;
  std::vector<std::string> targets;
  std::string target_dir;
  std::vector<std::string> features;
  bool all_features = false;
  bool no_default_features = false;
  std::vector<std::string> unstable;
  bool lib = false;
  bool bins = false;
  bool tests = false;
  bool benches = false;
  bool examples = false;
  bool all_targets = false;
  std::vector<std::string> bin_names;
  std::string manifest_path;
  std::vector<std::string> packages;
  std::vector<std::string> exclude;
  bool workspace = false;
  bool offline = false;
  bool locked = false;
  bool frozen = false;
  int verbose = 0;
  bool timings = false;
  std::string jobs;
  std::vector<std::string> configs;
};

// The options as a table; they write into `flags`.
std::vector<Option> CargoOptions(CargoFlags& flags);

// What the options cannot say alone. Errors: INVALID_ARGUMENT naming the flag.
absl::Status CheckFlags(const CargoFlags& flags);

// The share of units that --verify compiles again: "25%", 1 to 100.
// Errors: INVALID_ARGUMENT.
absl::StatusOr<std::uint32_t> ParseVerifyShare(std::string_view text);

// "dev", "release" or the custom profile's name.
std::string ProfileName(const CargoFlags& flags);

// What is built, for the recipe.
CookSelection SelectionOf(const CargoFlags& flags);

// `cargo build` or `cargo check` with these flags, without those that say
// where (manifest, target directory) or how it is shown.
std::vector<std::string> CargoArguments(const CargoFlags& flags);

}  // namespace depcache::client
