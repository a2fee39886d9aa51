#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "cache/base/digest.h"

namespace depcache::client {

// A blob that can be sent: its name, and where its bytes are.
struct CapturedBlob {
  Digest digest;
  // Either part of a file on disk …
  std::filesystem::path file;
  std::uint64_t offset = 0;
  // … or kept in memory.
  std::shared_ptr<const std::string> bytes;
};

// The bytes, checked against the digest again: a file may have changed since
// it was captured. Errors: DATA_LOSS; as ReadFile.
absl::StatusOr<std::string> ReadBlob(const CapturedBlob& blob);

}  // namespace depcache::client
