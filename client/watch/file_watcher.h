// Tells when a file that a recipe reads may have changed: inotify on folders,
// since editors and git replace files rather than write them.

#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include <absl/status/statusor.h>

#include "cache/base/files.h"

namespace depcache::client {

// Whether a change of a file of this name can change a recipe: manifests,
// configuration, Cargo.lock, toolchain files and build.rs. A Rust source counts
// when it comes or goes, which can make a target, not when it is written.
bool MayCount(std::string_view name, bool is_folder, bool comes_or_goes);

// Not thread-safe.
class FileWatcher {
 public:
  // Errors: RESOURCE_EXHAUSTED (the user's limit of inotify instances).
  static absl::StatusOr<FileWatcher> Make();

  // Watches these folders from now on, as far as they are there. True if some
  // were not watched before: what is in them may have changed meanwhile.
  // Errors: RESOURCE_EXHAUSTED (fs.inotify.max_user_watches).
  absl::StatusOr<bool> Watch(const std::set<std::filesystem::path>& folders);

  enum class Wake { kChanged, kTimeout, kInterrupted };
  // Waits for a change that may count, then until nothing more comes for a
  // moment, but not for ever. nullopt: no time limit.
  Wake Wait(std::optional<std::chrono::milliseconds> limit);

 private:
  explicit FileWatcher(UniqueFd fd) : fd_(std::move(fd)) {}
  // Takes what has come; true if some of it may count.
  bool Take();
  // One wait without settling.
  Wake WaitOnce(std::chrono::steady_clock::time_point until);

  UniqueFd fd_;
  std::map<int, std::filesystem::path> folders_;  // by watch
};

}  // namespace depcache::client
