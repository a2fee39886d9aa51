// The file system without exceptions. All functions are thread-safe; paths are
// absolute or relative to the process.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace depcache {

// Owns a file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  ~UniqueFd() { Reset(); }
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }
  void Reset();

 private:
  int fd_ = -1;
};

// open(2) with O_CLOEXEC. Errors as FromErrno.
absl::StatusOr<UniqueFd> OpenFile(const std::filesystem::path& path, int flags, mode_t mode = 0666);

// The whole file. Errors: NOT_FOUND; INVALID_ARGUMENT if it is larger than
// `max_bytes` or not a regular file; else as FromErrno.
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path, std::uint64_t max_bytes);

// All of `data` at `offset`, whatever short writes happen.
absl::Status WriteAllAt(int fd, std::string_view data, std::uint64_t offset);
absl::Status WriteAll(int fd, std::string_view data);

// Replaces `path` in one step: readers see the old or the new content, never
// a part. Writes through a temporary file in the same folder and renames; not
// synced to disk.
absl::Status WriteFileAtomic(const std::filesystem::path& path, std::string_view data,
                             mode_t mode = 0644);

// Creates `path` and what is missing above it. OK if it is there already.
absl::Status CreateDirectories(const std::filesystem::path& path);

// Removes `path` and all below it. OK if it is not there.
absl::Status RemoveAll(const std::filesystem::path& path);

// Sets access and modification time to `seconds` since 1970, not following a
// symbolic link.
absl::Status SetFileTime(const std::filesystem::path& path, std::int64_t seconds);

// A new empty directory in `parent`, named `prefix` and random letters.
absl::StatusOr<std::filesystem::path> MakeTempDir(const std::filesystem::path& parent,
                                                  std::string_view prefix);

// A temporary directory which is removed with this object.
class ScopedTempDir {
 public:
  // Errors as FromErrno.
  static absl::StatusOr<ScopedTempDir> Make(const std::filesystem::path& parent,
                                            std::string_view prefix);
  ~ScopedTempDir();
  ScopedTempDir(ScopedTempDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScopedTempDir& operator=(ScopedTempDir&& other) noexcept;
  ScopedTempDir(const ScopedTempDir&) = delete;
  ScopedTempDir& operator=(const ScopedTempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScopedTempDir(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// Calls `visit` with each entry below `root` as a path relative to it, in
// order of names, directories before what they hold. Does not follow symbolic
// links. Stops at the first error, `visit`'s included.
absl::Status WalkTree(
    const std::filesystem::path& root,
    const std::function<absl::Status(const std::filesystem::path& relative,
                                     const std::filesystem::directory_entry& entry)>& visit);

}  // namespace depcache
