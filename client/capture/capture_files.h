// The files of one unit, by role.

#pragma once

#include <vector>

#include <absl/status/statusor.h>

#include "client/capture/capture_unit.h"

namespace depcache::client {

struct CapturedFiles {
  std::vector<UnitFile> files;
  std::vector<CapturedBlob> blobs;
  std::uint16_t glibc_minor = 0;
  // The build script told rustc to link or look for native libraries.
  bool names_native_libraries = false;
};

// Reads every file the unit must have. `rustflags` are its fingerprint's.
// Errors: as CaptureUnit.
absl::StatusOr<CapturedFiles> CaptureFiles(const CaptureInput& input,
                                           const std::vector<std::string>& rustflags);

}  // namespace depcache::client
