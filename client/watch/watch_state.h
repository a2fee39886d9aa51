// The recipe that a watched command last succeeded for, kept across runs in the
// stored form of recipe.h.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cache/recipe/recipe.h"

namespace depcache::client {

// The file of a command in a build directory: commands do not share one.
std::filesystem::path WatchStateFile(const std::filesystem::path& build_dir,
                                     const std::vector<std::string>& command);

// nullopt if there is none that can be read: the command is then run.
std::optional<Recipe> ReadWatchState(const std::filesystem::path& file);

// Makes the folder above it.
absl::Status WriteWatchState(const std::filesystem::path& file, const Recipe& recipe);

}  // namespace depcache::client
