#include "cache/store/blob_store.h"

#include "cache/base/status.h"

namespace depcache {

absl::Status CheckLimits(std::span<const NewBlob> blobs) {
  for (const NewBlob& blob : blobs) {
    if (blob.digest.size_bytes > kMaxBlobBytes) {
      return InvalidArgument("blob {} of {} bytes is above the limit of {}",
                             blob.digest.hash.ToShortHex(), blob.digest.size_bytes, kMaxBlobBytes);
    }
    if (blob.frame.size() > kMaxFrameBytes) {
      return InvalidArgument("the frame of blob {} has {} bytes, above the limit of {}",
                             blob.digest.hash.ToShortHex(), blob.frame.size(), kMaxFrameBytes);
    }
  }
  return absl::OkStatus();
}

}  // namespace depcache
