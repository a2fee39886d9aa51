#include "client/capture/unit_sender.h"

#include <memory>

#include "cache/base/compress.h"
#include "cache/base/status.h"

namespace depcache::client {

void UnitSender::Add(std::size_t unit, const CapturedUnit& captured) {
  indices_.push_back(unit);
  units_.push_back(UnitToCommit{captured.ref, captured.record_digest});
  for (const CapturedBlob& blob : captured.blobs) {
    blobs_.push_back(blob);
    pending_bytes_ += blob.digest.size_bytes;
  }
}

void UnitSender::Add(const CapturedPackage& captured) {
  packages_.push_back(captured.record_digest);
  for (const CapturedBlob& blob : captured.blobs) {
    blobs_.push_back(blob);
    pending_bytes_ += blob.digest.size_bytes;
  }
}

absl::Status UnitSender::SendMissing(const std::vector<CapturedBlob>& blobs) {
  std::vector<Digest> digests;
  digests.reserve(blobs.size());
  for (const CapturedBlob& blob : blobs) digests.push_back(blob.digest);
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> missing, remote_.FindMissing(digests));
  if (missing.empty()) return absl::OkStatus();
  DEPCACHE_ASSIGN_OR_RETURN(const std::unique_ptr<BlobUpload> upload, remote_.OpenUpload());
  std::set<BlobHash> sent;
  for (const std::uint32_t position : missing) {
    const CapturedBlob& blob = blobs[position];
    if (!sent.insert(blob.digest.hash).second) continue;
    DEPCACHE_ASSIGN_OR_RETURN(const std::string plain, ReadBlob(blob));
    UploadBlob frame{blob.digest.hash, CompressFrame(plain)};
    bytes_sent_ += frame.frame.size();
    DEPCACHE_RETURN_IF_ERROR(upload->Write(std::move(frame)));
  }
  return upload->Finish();
}

absl::StatusOr<std::vector<std::size_t>> UnitSender::Flush() {
  const std::vector<std::size_t> indices = std::move(indices_);
  const std::vector<UnitToCommit> units = std::move(units_);
  const std::vector<Digest> packages = std::move(packages_);
  const std::vector<CapturedBlob> blobs = std::move(blobs_);
  indices_.clear();
  units_.clear();
  packages_.clear();
  blobs_.clear();
  pending_bytes_ = 0;
  DEPCACHE_RETURN_IF_ERROR(SendMissing(blobs));
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<Digest> missing,
                            remote_.CommitUnits(units, packages));
  // Blobs that were there a moment ago may have been evicted; the layer's
  // commit will name them again.
  if (!missing.empty()) {
    return Unavailable("the server lost {} blobs while they were being shared", missing.size());
  }
  return indices;
}

}  // namespace depcache::client
