#include "client/restore/sibling_files.h"

#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/base/files.h"
#include "cache/base/status.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

// The same file of another build directory. `file` is below `build_dir`.
fs::path Counterpart(const fs::path& file, const fs::path& build_dir, const fs::path& sibling) {
  return sibling / std::string_view(file.native()).substr(build_dir.native().size() + 1);
}

}  // namespace

SiblingFiles::SiblingFiles(const RestorePlan& plan, const fs::path& build_dir,
                           std::span<const fs::path> siblings)
    : build_dir_(build_dir), siblings_(siblings) {
  for (const PlannedFile& file : plan.files) {
    if (file.blobs.empty() || file.rendering != Rendering::kNone) continue;
    if (!file.path.native().starts_with(build_dir_.native() + "/")) continue;
    std::uint64_t size = 0;
    for (const Digest& blob : file.blobs) size += blob.size_bytes;
    for (const fs::path& sibling : siblings_) {
      struct stat info {};
      const fs::path path = Counterpart(file.path, build_dir_, sibling);
      if (lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
      if (static_cast<std::uint64_t>(info.st_size) != size) continue;
      Add(file, sibling);
      break;
    }
  }
}

void SiblingFiles::Add(const PlannedFile& file, const fs::path& sibling) {
  std::uint64_t offset = 0;
  for (const Digest& blob : file.blobs) {
    places_.try_emplace(blob.hash, Place{&sibling, &file.path, offset});
    offset += blob.size_bytes;
  }
}

absl::Status SiblingFiles::Read(const Digest& blob, std::span<char> plain) const {
  const Place& place = places_.at(blob.hash);
  const fs::path path = Counterpart(*place.file, build_dir_, *place.sibling);
  // It may have become anything meanwhile: a pipe must not be waited for.
  DEPCACHE_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  std::size_t done = 0;
  while (done < plain.size()) {
    const ssize_t got = pread(fd.get(), plain.data() + done, plain.size() - done,
                              static_cast<off_t>(place.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FromErrno(errno, fmt::format("read {}", path.native()));
    if (got == 0) return NotFound("{} became shorter", path.native());
    done += static_cast<std::size_t>(got);
  }
  return absl::OkStatus();
}

}  // namespace depcache::client
