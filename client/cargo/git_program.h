// What we ask the git program, which need not be installed: Cargo has a git of
// its own inside.

#pragma once

#include <filesystem>
#include <string>

#include <absl/status/statusor.h>

#include "client/system/process.h"

namespace depcache::client {

// The bytes of a commit object in a bare repository, checked against its name.
// Nothing of the user's git configuration or environment plays a part.
// Errors: FAILED_PRECONDITION (no git program; the repository does not have
// the commit).
absl::StatusOr<std::string> ReadGitCommit(ProcessRunner& processes,
                                          const std::filesystem::path& repository,
                                          const std::string& commit);

}  // namespace depcache::client
