// A blob store seen through a window: counts rotations, can fail them, and can
// claim to hold more than it does.

#pragma once

#include <memory>
#include <utility>

#include "cache/base/mutex.h"
#include "cache/base/status.h"
#include "cache/store/blob_store.h"

namespace depcache::testing {

// Thread-safe. Rotations are counted and not passed on.
class WatchedBlobs final : public BlobStore {
 public:
  explicit WatchedBlobs(std::shared_ptr<BlobStore> inner) : inner_(std::move(inner)) {}

  std::shared_ptr<BlobView> OpenView() override { return inner_->OpenView(); }
  absl::StatusOr<std::vector<std::optional<BlobState>>> Find(
      std::span<const BlobHash> hashes) override {
    return inner_->Find(hashes);
  }
  absl::Status Write(std::span<const NewBlob> blobs) override { return inner_->Write(blobs); }
  absl::Status CopyForward(std::span<const BlobHash> hashes) override {
    return inner_->CopyForward(hashes);
  }
  std::vector<GenerationState> Generations() override {
    std::vector<GenerationState> generations = inner_->Generations();
    MutexLock lock(mutex_);
    generations.back().stored_bytes += more_stored_bytes_;
    return generations;
  }
  absl::Status Rotate() override {
    MutexLock lock(mutex_);
    ++rotations_;
    changed_.NotifyAll();
    return is_failing_ ? Unavailable("the disk is away") : absl::OkStatus();
  }
  absl::Status DropOldest() override { return inner_->DropOldest(); }

  void set_failing(bool is_failing) {
    MutexLock lock(mutex_);
    is_failing_ = is_failing;
  }
  void set_more_stored_bytes(std::uint64_t bytes) {
    MutexLock lock(mutex_);
    more_stored_bytes_ = bytes;
  }
  void WaitForRotations(int count) {
    MutexLock lock(mutex_);
    while (rotations_ < count) changed_.Wait(mutex_);
  }
  int rotations() {
    MutexLock lock(mutex_);
    return rotations_;
  }

 private:
  const std::shared_ptr<BlobStore> inner_;
  Mutex mutex_;
  CondVar changed_;
  int rotations_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_failing_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint64_t more_stored_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace depcache::testing
