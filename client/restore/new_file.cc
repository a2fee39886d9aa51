#include "client/restore/new_file.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/base/status.h"

namespace depcache::client {

namespace fs = std::filesystem;

absl::StatusOr<UniqueFd> CreateNewFile(const fs::path& path, bool is_executable) {
  const mode_t mode = is_executable ? 0777 : 0666;
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  absl::StatusOr<UniqueFd> fd = OpenFile(path, kFlags, mode);
  if (fd.status().code() != absl::StatusCode::kAlreadyExists) return fd;
  if (unlink(path.c_str()) != 0) return FromErrno(errno, fmt::format("remove {}", path.native()));
  return OpenFile(path, kFlags, mode);
}

absl::Status SetTimes(int fd, std::int64_t seconds) {
  const std::array<timespec, 2> times{timespec{seconds, 0}, timespec{seconds, 0}};
  if (futimens(fd, times.data()) != 0) return FromErrno(errno, "set a file's time");
  return absl::OkStatus();
}

absl::Status WriteNewFile(const fs::path& path, std::string_view bytes, bool is_executable,
                          std::int64_t seconds) {
  DEPCACHE_ASSIGN_OR_RETURN(const UniqueFd fd, CreateNewFile(path, is_executable));
  DEPCACHE_RETURN_IF_ERROR(Annotate(WriteAllAt(fd.get(), bytes, 0), path.native()));
  return Annotate(SetTimes(fd.get(), seconds), path.native());
}

}  // namespace depcache::client
