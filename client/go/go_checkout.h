#pragma once

#include <filesystem>

#include <absl/status/statusor.h>

#include "cache/go/go_skeleton.h"
#include "client/go/go_tool.h"

namespace depcache::client {

// The folder of go.work, or else of go.mod.
// Errors: NOT_FOUND (neither is there).
absl::StatusOr<std::filesystem::path> GoRoot(const GoSetup& setup);

// Reads a checkout: its module files, and by `go list` what its packages
// import. Nothing is downloaded for it.
// Errors: INVALID_ARGUMENT (a file is not understood; a module is replaced by
// a folder outside the checkout); as GoRoot; of Go.
absl::StatusOr<GoSkeleton> ReadGoCheckout(Context& context, const GoSetup& setup);

// Writes the files of a skeleton: enough for Go to build the packages that it
// imports. Errors: INVALID_ARGUMENT (it needs vendored sources); of the disk.
absl::Status WriteGoSkeleton(const GoSkeleton& skeleton, const std::filesystem::path& folder);

}  // namespace depcache::client
