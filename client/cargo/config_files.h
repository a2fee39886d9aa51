// Cargo's configuration files as Cargo finds them (context/mod.rs): in each
// folder from the current one up, then in CARGO_HOME; each with what it
// includes; and what --config says.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "client/context.h"

namespace depcache::client {

struct ConfigText {
  std::string text;
  // What paths in it are relative to: the folder above the file's own.
  std::filesystem::path base;
};

// Lowest precedence first.
struct ConfigTexts {
  std::vector<std::string> inner;  // of the workspace root and folders below it
  std::vector<std::string> outer;  // of folders above it and of CARGO_HOME
  std::vector<ConfigText> files;   // all of them
};

// `root` is the workspace root, `cwd` the folder cargo is called in.
// Errors: INVALID_ARGUMENT naming the file (too large, an include that is not
// there, too many includes).
absl::StatusOr<ConfigTexts> FindConfigs(const std::filesystem::path& cwd,
                                        const std::filesystem::path& root,
                                        const std::filesystem::path& cargo_home);

// What values of --config mean: texts, lowest precedence first, and the values
// again for a cargo that is called in another folder, with files by absolute
// path. As Cargo has it, a value that is the path of a file means that file.
struct ConfigOptions {
  std::vector<ConfigText> files;
  std::vector<std::string> arguments;
};

// Errors: as FindConfigs.
absl::StatusOr<ConfigOptions> ReadConfigOptions(const std::vector<std::string>& values,
                                                const std::filesystem::path& cwd);

// The environment of compilers and build scripts: Cargo's own, and [env] of
// `files`, lowest precedence first. An entry counts where the environment does
// not have the variable, or where it says `force`; `relative` makes it a path
// below its file's base. Texts that are no TOML are passed over: Cargo says
// what is wrong with them.
Environment WithConfigVariables(Environment environment, const std::vector<ConfigText>& files);

// Paths of the linkers that configuration and variables name, as Cargo has them
// in fingerprints: absolute, whatever the folder is called elsewhere. Names
// without a slash are left out. `files` as above; sorted, each once.
std::vector<std::string> LinkerPaths(const Environment& environment,
                                     const std::vector<ConfigText>& files,
                                     const std::filesystem::path& cwd);

}  // namespace depcache::client
