// Cargo's configuration files as Cargo finds them (context/mod.rs): in each
// folder from the current one up, then in CARGO_HOME; each with what it
// includes.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache::client {

// Texts, lowest precedence first.
struct ConfigTexts {
  std::vector<std::string> inner;  // of the workspace root and folders below it
  std::vector<std::string> outer;  // of folders above it and of CARGO_HOME
};

// `root` is the workspace root, `cwd` the folder cargo is called in.
// Errors: INVALID_ARGUMENT naming the file (too large, an include that is not
// there, too many includes).
absl::StatusOr<ConfigTexts> FindConfigs(const std::filesystem::path& cwd,
                                        const std::filesystem::path& root,
                                        const std::filesystem::path& cargo_home);

}  // namespace depcache::client
