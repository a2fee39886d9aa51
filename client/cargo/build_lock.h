// Cargo's own locks on a build directory, so that two builds in one folder
// take turns (compiler/layout.rs of Cargo; the names changed with 1.96).

#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/base/files.h"

namespace depcache::client {

// Holds the locks until it is destroyed.
class BuildLock {
 public:
  // Locks each profile folder ("release", "x86_64-…/release") of a build
  // directory: first `.cargo-build-lock`, then `.cargo-lock`, both exclusive,
  // which keeps out Cargos before and since 1.96. Makes folders and files as
  // Cargo would, with CACHEDIR.TAG. `on_wait` is called once if somebody else
  // holds one.
  // Errors: DEADLINE_EXCEEDED after `bound`; CANCELLED (interrupted); as
  // FromErrno.
  static absl::StatusOr<BuildLock> Acquire(const std::filesystem::path& build_dir,
                                           const std::vector<std::string>& profile_folders,
                                           std::chrono::milliseconds bound,
                                           const std::function<void()>& on_wait);

 private:
  std::vector<UniqueFd> held_;
};

// An exclusive lock on one file, made if missing. Errors: as Acquire.
absl::StatusOr<UniqueFd> LockFile(const std::filesystem::path& file,
                                  std::chrono::steady_clock::time_point deadline,
                                  const std::function<void()>& on_wait);

// Makes `folder` as Cargo makes its target directory: with a CACHEDIR.TAG if
// it did not exist, or else `cargo clean` would refuse to remove it.
absl::Status MakeTargetFolder(const std::filesystem::path& folder);

}  // namespace depcache::client
