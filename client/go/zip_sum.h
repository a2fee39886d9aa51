#pragma once

#include <filesystem>

#include <absl/status/statusor.h>

#include "cache/base/digest.h"

namespace depcache::client {

// The sum of a module's zip as go.sum has it ("h1:"): over the names and bytes
// of the files in it, whatever the compression. Go takes a zip in its cache for
// good if a file beside it says so; this looks.
// Errors: INVALID_ARGUMENT (not a zip, or a damaged one).
absl::StatusOr<PartDigest> ZipSum(const std::filesystem::path& zip);

}  // namespace depcache::client
