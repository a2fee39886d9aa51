#include "cache/base/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/base/status.h"

namespace depcache {
namespace fs = std::filesystem;

constexpr std::size_t kReadStep = 4096;

void UniqueFd::Reset() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

absl::StatusOr<UniqueFd> OpenFile(const fs::path& path, int flags, mode_t mode) {
  int fd = -1;
  do {
    fd = open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return FromErrno(errno, fmt::format("open {}", path.native()));
  return UniqueFd(fd);
}

absl::StatusOr<std::string> ReadFile(const fs::path& path, std::uint64_t max_bytes) {
  DEPCACHE_ASSIGN_OR_RETURN(const UniqueFd file, OpenFile(path, O_RDONLY));
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return FromErrno(errno, fmt::format("stat {}", path.native()));
  if (!S_ISREG(info.st_mode)) return InvalidArgument("{} is not a regular file", path.native());
  if (static_cast<std::uint64_t>(info.st_size) > max_bytes) {
    return InvalidArgument("{} has {} bytes, above the limit of {}", path.native(), info.st_size,
                           max_bytes);
  }
  // Files of /proc say 0 and hold more: only the end of the file is trusted.
  std::string data(static_cast<std::size_t>(info.st_size) + 1, '\0');
  std::size_t done = 0;
  while (true) {
    if (done == data.size()) data.resize(2 * data.size() + kReadStep);
    const ssize_t n = read(file.get(), data.data() + done, data.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FromErrno(errno, fmt::format("read {}", path.native()));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
    if (done > max_bytes) return InvalidArgument("{} grew above {} bytes", path.native(), max_bytes);
  }
  data.resize(done);
  return data;
}

absl::Status WriteAllAt(int fd, std::string_view data, std::uint64_t offset) {
  while (!data.empty()) {
    const ssize_t n = pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FromErrno(errno, "write");
    data.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return absl::OkStatus();
}

absl::Status WriteAll(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FromErrno(errno, "write");
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return absl::OkStatus();
}

absl::Status WriteFileAtomic(const fs::path& path, std::string_view data, mode_t mode) {
  std::string name = path.native() + ".XXXXXX";
  const UniqueFd file(mkostemp(name.data(), O_CLOEXEC));
  if (!file.valid()) return FromErrno(errno, fmt::format("create {}", name));
  absl::Status status = Annotate(WriteAll(file.get(), data), path.native());
  if (status.ok() && fchmod(file.get(), mode) != 0) {
    status = FromErrno(errno, fmt::format("chmod {}", name));
  }
  if (status.ok() && rename(name.c_str(), path.c_str()) != 0) {
    status = FromErrno(errno, fmt::format("rename {} to {}", name, path.native()));
  }
  if (!status.ok()) unlink(name.c_str());
  return status;
}

absl::Status CreateDirectories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return FromErrno(error.value(), fmt::format("create folder {}", path.native()));
  return absl::OkStatus();
}

absl::Status RemoveAll(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return FromErrno(error.value(), fmt::format("remove {}", path.native()));
  return absl::OkStatus();
}

absl::Status SetFileTime(const fs::path& path, std::int64_t seconds) {
  const std::array<timespec, 2> times{timespec{seconds, 0}, timespec{seconds, 0}};
  if (utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0) {
    return FromErrno(errno, fmt::format("set the time of {}", path.native()));
  }
  return absl::OkStatus();
}

absl::StatusOr<fs::path> MakeTempDir(const fs::path& parent, std::string_view prefix) {
  std::string name = (parent / fmt::format("{}XXXXXX", prefix)).native();
  if (mkdtemp(name.data()) == nullptr) return FromErrno(errno, fmt::format("create {}", name));
  return fs::path(name);
}

absl::StatusOr<ScopedTempDir> ScopedTempDir::Make(const fs::path& parent, std::string_view prefix) {
  DEPCACHE_ASSIGN_OR_RETURN(fs::path path, MakeTempDir(parent, prefix));
  return ScopedTempDir(std::move(path));
}

ScopedTempDir::~ScopedTempDir() {
  if (!path_.empty()) RemoveAll(path_).IgnoreError();
}

ScopedTempDir& ScopedTempDir::operator=(ScopedTempDir&& other) noexcept {
  if (this != &other) {
    if (!path_.empty()) RemoveAll(path_).IgnoreError();
    path_ = std::exchange(other.path_, {});
  }
  return *this;
}

absl::Status WalkTree(
    const fs::path& root,
    const std::function<absl::Status(const fs::path&, const fs::directory_entry&)>& visit) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(*it);
  }
  if (error) return FromErrno(error.value(), fmt::format("list {}", root.native()));
  std::sort(entries.begin(), entries.end());
  for (const fs::directory_entry& entry : entries) {
    const fs::path name = entry.path().filename();
    DEPCACHE_RETURN_IF_ERROR(visit(name, entry));
    const fs::file_status status = entry.symlink_status(error);
    if (error) return FromErrno(error.value(), fmt::format("stat {}", entry.path().native()));
    if (!fs::is_directory(status)) continue;
    DEPCACHE_RETURN_IF_ERROR(
        WalkTree(entry.path(), [&](const fs::path& below, const fs::directory_entry& inner) {
          return visit(name / below, inner);
        }));
  }
  return absl::OkStatus();
}

}  // namespace depcache
