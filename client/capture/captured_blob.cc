#include "client/capture/captured_blob.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "cache/base/files.h"
#include "cache/base/status.h"

namespace depcache::client {

absl::StatusOr<std::string> ReadBlob(const CapturedBlob& blob) {
  std::string bytes;
  if (blob.bytes != nullptr) {
    bytes = *blob.bytes;
  } else {
    DEPCACHE_ASSIGN_OR_RETURN(const UniqueFd fd, OpenFile(blob.file, O_RDONLY));
    bytes.resize(blob.digest.size_bytes);
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t n = pread(fd.get(), bytes.data() + done, bytes.size() - done,
                              static_cast<off_t>(blob.offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return FromErrno(errno, fmt::format("read {}", blob.file.native()));
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    bytes.resize(done);
  }
  if (DigestOf(bytes) != blob.digest) {
    return DataLoss("{} changed while it was being shared", blob.file.native());
  }
  return bytes;
}

}  // namespace depcache::client
