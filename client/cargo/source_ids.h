// How sources that are no package's own are known on the server, among the
// packages.

#pragma once

#include <string>

#include <absl/status/statusor.h>

#include "cache/layer/unit_record.h"

namespace depcache::client {

// One for all packages of a repository at a commit: the repository's name, the
// commit as version, the source as Cargo.lock has it, and in place of a
// checksum the hash of the source.
// Errors: INVALID_ARGUMENT (no git source with a commit).
absl::StatusOr<PackageId> GitSourceId(const std::string& source);

// The config.json of a sparse registry, likewise, with "config.json" as version.
// Errors: INVALID_ARGUMENT (no registry).
absl::StatusOr<PackageId> RegistryConfigId(const std::string& source);

}  // namespace depcache::client
