#include "client/cargo/build_lock.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>

#include "cache/base/status.h"
#include "client/system/interrupt.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kPoll{50};
// The first line is the standard's (bford.info/cachedir); Cargo looks for it.
constexpr std::string_view kCacheDirTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This file is a cache directory tag created by depcache for cargo.\n"
    "# For information about cache directory tags see https://bford.info/cachedir/\n";

}  // namespace

absl::StatusOr<UniqueFd> LockFile(const fs::path& file,
                                  std::chrono::steady_clock::time_point deadline,
                                  const std::function<void()>& on_wait) {
  DEPCACHE_ASSIGN_OR_RETURN(UniqueFd fd, OpenFile(file, O_RDWR | O_CREAT));
  bool has_waited = false;
  while (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    // File systems without locks: Cargo goes on without them as well.
    if (errno == ENOTSUP || errno == ENOSYS) return fd;
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return FromErrno(errno, fmt::format("lock {}", file.native()));
    }
    if (IsInterrupted()) return Cancelled("interrupted while waiting for {}", file.native());
    if (std::chrono::steady_clock::now() >= deadline) {
      return DeadlineExceeded("{} is still locked by another cargo", file.native());
    }
    if (!has_waited) on_wait();
    has_waited = true;
    // flock has no wait with a bound; a turn of 50 ms costs nobody anything.
    std::this_thread::sleep_for(kPoll);
  }
  return fd;
}

absl::Status MakeTargetFolder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return absl::OkStatus();
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(folder));
  return WriteFileAtomic(folder / "CACHEDIR.TAG", kCacheDirTag);
}

absl::StatusOr<BuildLock> BuildLock::Acquire(const fs::path& build_dir,
                                             const std::vector<std::string>& profile_folders,
                                             std::chrono::milliseconds bound,
                                             const std::function<void()>& on_wait) {
  const auto deadline = std::chrono::steady_clock::now() + bound;
  DEPCACHE_RETURN_IF_ERROR(MakeTargetFolder(build_dir));
  // The host's folders come first, as in Cargo, or two could wait for each other.
  std::vector<std::string> folders = profile_folders;
  std::sort(folders.begin(), folders.end(), [](const std::string& a, const std::string& b) {
    const bool a_nested = a.find('/') != std::string::npos;
    const bool b_nested = b.find('/') != std::string::npos;
    return a_nested != b_nested ? b_nested : a < b;
  });
  BuildLock lock;
  for (const std::string& folder : folders) {
    DEPCACHE_RETURN_IF_ERROR(CreateDirectories(build_dir / folder));
    for (const char* name : {".cargo-build-lock", ".cargo-lock"}) {
      DEPCACHE_ASSIGN_OR_RETURN(UniqueFd fd,
                                LockFile(build_dir / folder / name, deadline, on_wait));
      lock.held_.push_back(std::move(fd));
    }
  }
  return lock;
}

}  // namespace depcache::client
