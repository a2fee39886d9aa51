#include "cache/store/rocksdb/ballast.h"

#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "cache/base/files.h"

namespace depcache {

Ballast::Ballast(std::filesystem::path path, std::uint64_t bytes)
    : path_(std::move(path)), bytes_(bytes) {}

void Ballast::Take() {
  MutexLock lock(mutex_);
  if (is_taken_) return;
  const absl::StatusOr<UniqueFd> file = OpenFile(path_, O_CREAT | O_WRONLY, 0600);
  if (!file.ok()) return;
  // Not posix_fallocate: that would write zeros where reserving is not
  // supported, again and again.
  if (fallocate(file->get(), 0, 0, static_cast<off_t>(bytes_)) != 0) {
    unlink(path_.c_str());
    return;
  }
  is_taken_ = true;
}

void Ballast::Release() {
  MutexLock lock(mutex_);
  unlink(path_.c_str());
  is_taken_ = false;
}

}  // namespace depcache
