#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/go/go_units.h"
#include "client/go/go_tool.h"

namespace depcache::client {

// A package that a build of the dependencies consists of.
struct ListedPackage {
  GoPackage package;
  std::string build_id;              // "" unless asked for
  std::vector<std::size_t> imports;  // positions, smaller than its own
};

// `go list -deps` of import paths, dependencies first; the checkout's own
// packages are left out. With `with_build_ids` Go compiles what its build cache
// does not have.
// Errors: FAILED_PRECONDITION with what Go said; DATA_LOSS (its answer is not
// understood).
absl::StatusOr<std::vector<ListedPackage>> ListPackages(Context& context, const GoSetup& setup,
                                                        const std::filesystem::path& folder,
                                                        const std::vector<std::string>& imports,
                                                        bool with_build_ids);

// What a linker takes besides what is imported.
std::vector<std::string> LinkedAlways(const GoEnvironment& environment);

}  // namespace depcache::client
