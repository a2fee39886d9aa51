// Blob traffic of LayerCache: what is missing, reads, writes.

#include <algorithm>
#include <string>

#include "cache/base/compress.h"
#include "cache/base/status.h"
#include "cache/engine/layer_cache.h"
#include "cache/layer/limits.h"

namespace depcache {
namespace {

// Writes may outrun eviction by a tenth of the limit and this many bytes.
constexpr std::uint64_t kWriteSlackBytes = 256ULL << 20;
constexpr std::size_t kMaxTouched = 1'000'000;

absl::Status CheckFrame(const NewBlob& blob) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::string plain, DecompressFrame(blob.frame, kMaxBlobBytes));
  if (HashAs<BlobHash>(plain) != blob.digest.hash) {
    return InvalidArgument("the content has another hash");
  }
  if (plain.size() != blob.digest.size_bytes) {
    return InvalidArgument("the content has {} bytes, not {}", plain.size(),
                           blob.digest.size_bytes);
  }
  return absl::OkStatus();
}

}  // namespace

// Reads what a ticket or the scope's refs allow.
class LayerCache::Reader final : public BlobReader {
 public:
  Reader(LayerCache& cache, CallScope scope, std::shared_ptr<const ReadTicket> ticket)
      : cache_(cache),
        scope_(std::move(scope)),
        ticket_(std::move(ticket)),
        view_(ticket_ ? ticket_->view : cache.store_.blobs->OpenView()) {}

  void Read(std::span<const BlobHash> hashes, const BlobView::FrameSink& sink) override {
    std::vector<BlobHash> unproven;
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if (ticket_ != nullptr && ticket_->Allows(hashes[i])) continue;
      unproven.push_back(hashes[i]);
      positions.push_back(i);
    }
    std::vector<bool> allowed(hashes.size(), true);
    absl::Status error;
    if (!unproven.empty()) {
      const absl::StatusOr<std::vector<bool>> may = cache_.MayRead(scope_, unproven);
      error = may.status();
      for (std::size_t i = 0; i < positions.size(); ++i) {
        allowed[positions[i]] = may.ok() && (*may)[i];
      }
    }
    view_->Read(hashes, [&](std::size_t i, absl::StatusOr<Frame> frame) {
      if (allowed[i]) {
        if (frame.ok()) CountServed(hashes[i], frame->bytes.size());
        return sink(i, std::move(frame));
      }
      return sink(i, error.ok() ? NotFound("no such blob") : error);
    });
  }

 private:
  void CountServed(const BlobHash& hash, std::uint64_t bytes) {
    cache_.counters_.Add(Count::kBytesServed, bytes);
    if (ticket_ == nullptr) return;
    cache_.counters_.Add(Count::kCompileMsSaved, ticket_->saved->Claim(hash));
  }

  LayerCache& cache_;
  const CallScope scope_;
  const std::shared_ptr<const ReadTicket> ticket_;
  const std::shared_ptr<BlobView> view_;
};

std::unique_ptr<BlobReader> LayerCache::OpenReader(const CallScope& scope,
                                                   std::string_view ticket) {
  return std::make_unique<Reader>(*this, scope, tickets_.Take(ticket));
}

absl::StatusOr<std::vector<bool>> LayerCache::MayRead(const CallScope& scope,
                                                      std::span<const BlobHash> hashes) {
  std::vector<bool> may(hashes.size(), false);
  for (const ScopeKey& key : scope.keys) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::vector<bool> refs, store_.catalog->FindRefs(key, hashes));
    for (std::size_t i = 0; i < refs.size(); ++i) may[i] = may[i] || refs[i];
  }
  if (scope.can_write) {
    const std::vector<bool> pending = pending_.Contains(scope.keys[0], hashes);
    for (std::size_t i = 0; i < pending.size(); ++i) may[i] = may[i] || pending[i];
  }
  return may;
}

absl::StatusOr<std::vector<bool>> LayerCache::HasBlobs(const CallScope& scope,
                                                       std::span<const BlobHash> hashes) {
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<bool> has, MayRead(scope, hashes));
  DEPCACHE_ASSIGN_OR_RETURN(const auto states, store_.blobs->Find(hashes));
  for (std::size_t i = 0; i < hashes.size(); ++i) has[i] = has[i] && states[i].has_value();
  Touch(hashes, states);
  return has;
}

absl::StatusOr<std::vector<std::uint32_t>> LayerCache::FindMissing(
    const CallScope& scope, std::span<const BlobHash> hashes) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<bool> has, HasBlobs(scope, hashes));
  std::vector<std::uint32_t> missing;
  for (std::size_t i = 0; i < has.size(); ++i) {
    if (!has[i]) missing.push_back(static_cast<std::uint32_t>(i));
  }
  return missing;
}

void LayerCache::Touch(std::span<const BlobHash> hashes,
                       std::span<const std::optional<BlobState>> states) {
  const std::vector<GenerationState> generations = store_.blobs->Generations();
  // The oldest quarter, but never the newest generation.
  const std::size_t old_count = std::min((generations.size() + 3) / 4, generations.size() - 1);
  if (old_count == 0) return;
  const std::uint32_t newest_old = generations[old_count - 1].number;
  MutexLock lock(mutex_);
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (states[i] && states[i]->generation <= newest_old && touched_.size() < kMaxTouched) {
      touched_.insert(hashes[i]);
    }
  }
}

absl::Status LayerCache::WriteBlobs(const CallScope& scope, std::span<const NewBlob> blobs) {
  if (!scope.can_write) {
    return PermissionDenied("{} may not write scope '{}'", scope.principal, scope.names[0]);
  }
  if (stored_bytes() > options_.max_stored_bytes + options_.max_stored_bytes / 10 + kWriteSlackBytes) {
    return ResourceExhausted("the store is full; try again when eviction has caught up");
  }
  std::vector<BlobHash> hashes;
  for (const NewBlob& blob : blobs) {
    DEPCACHE_RETURN_IF_ERROR(
        Annotate(CheckFrame(blob), fmt::format("blob {}", blob.digest.hash.ToShortHex())));
    hashes.push_back(blob.digest.hash);
  }
  DEPCACHE_RETURN_IF_ERROR(store_.blobs->Write(blobs));
  for (const NewBlob& blob : blobs) counters_.Add(Count::kBytesReceived, blob.frame.size());
  pending_.Add(scope.keys[0], hashes);
  return absl::OkStatus();
}

}  // namespace depcache
