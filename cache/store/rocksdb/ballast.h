#pragma once

#include <cstdint>
#include <filesystem>

#include "cache/base/mutex.h"

namespace depcache {

// A file of nothing, given up when the disk is so full that not even the
// deletion of something could be written down. Thread-safe.
class Ballast {
 public:
  Ballast(std::filesystem::path path, std::uint64_t bytes);

  // Makes the file if it is not there. Quietly does not where the file system
  // has no room for it or cannot reserve space.
  void Take();
  // Removes the file, if it is there.
  void Release();

 private:
  const std::filesystem::path path_;
  const std::uint64_t bytes_;
  Mutex mutex_;
  bool is_taken_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace depcache
