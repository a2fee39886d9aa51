// What is in Go's caches as units that can be shared.

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/go/go_sum.h"
#include "cache/go/go_units.h"
#include "client/capture/capture_unit.h"

namespace depcache::client {

// The files of one module, those that are there. A file which is not what
// go.sum says makes the whole module one that is not shared.
// Errors: NOT_FOUND (nothing is there); FAILED_PRECONDITION (it must not be
// shared); of the disk.
absl::StatusOr<CapturedUnit> CaptureGoModule(const GoModuleId& module, const GoModuleSums& sums,
                                             const std::filesystem::path& module_cache);

// Reads entries of a build cache. Not thread-safe.
class BuildCacheReader {
 public:
  // Bytes which name one of `folders` are not shared.
  BuildCacheReader(std::filesystem::path build_cache, std::vector<std::string> folders)
      : root_(std::move(build_cache)), folders_(std::move(folders)) {}

  // The entries of one package into `record`, which has everything else.
  // Errors: NOT_FOUND (an entry is missing); FAILED_PRECONDITION (it names a
  // folder of this machine); of the disk.
  absl::StatusOr<CapturedUnit> Capture(UnitRecord record, const std::string& build_id);

 private:
  absl::StatusOr<std::string> FindAction(const std::string& prefix);
  absl::Status AddEntry(const std::string& action, CapturedUnit& unit);
  absl::Status AddCgoFiles(const std::string& action, CapturedUnit& unit);

  const std::filesystem::path root_;
  const std::vector<std::string> folders_;
  std::map<std::string, std::vector<std::string>> actions_;  // by their first two digits
};

}  // namespace depcache::client
