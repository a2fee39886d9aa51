// One WriteBlobs stream: a message is checked and stored on the I/O pool while
// the next one is being received; no more than that is held.

#include <optional>

#include "cache/base/compress.h"
#include "cache/base/status.h"
#include "cache/layer/limits.h"
#include "cache/wire/convert.h"
#include "server/rpc/blob_service.h"
#include "server/rpc/grpc_status.h"

namespace depcache::server {
namespace {

class WriteReactor final : public grpc::ServerReadReactor<v1::WriteBlobsRequest> {
 public:
  WriteReactor(const RpcParts& parts, grpc::CallbackServerContext* context,
               v1::WriteBlobsResponse* response)
      : parts_(parts), context_(context), response_(response), log_(parts.gate, *context, "WriteBlobs") {
    StartRead(&incoming_);
  }

  void OnReadDone(bool ok) override {
    Next next;
    {
      MutexLock lock(mutex_);
      is_reading_ = false;
      is_read_over_ = !ok;
      has_incoming_ = ok;
      next = Step();
    }
    Do(next);
  }

  void OnCancel() override {
    Next next;
    {
      MutexLock lock(mutex_);
      if (result_.ok()) result_ = Cancelled("the caller cancelled");
      next = Step();
    }
    Do(next);
  }

  void OnDone() override { delete this; }

 private:
  // Decided under the lock, started without it (see read_reactor.cc).
  struct Next {
    bool read = false;
    bool job = false;
    std::optional<grpc::Status> finish;
  };

  Next Step() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Next next;
    if (result_.ok() && has_incoming_ && !is_job_running_) {
      current_.Swap(&incoming_);
      has_incoming_ = false;
      next.job = is_job_running_ = true;
    }
    if (result_.ok() && !is_reading_ && !has_incoming_ && !is_read_over_) {
      next.read = is_reading_ = true;
    }
    const bool is_over = is_read_over_ && !has_incoming_;
    if (!is_job_running_ && !is_finished_ && (is_over || !result_.ok())) {
      is_finished_ = true;
      next.finish = ToGrpcStatus(log_.Result(result_));
    }
    return next;
  }

  // The job comes after the read: until it has run nothing finishes the stream,
  // and when it has, this object may be gone.
  void Do(const Next& next) {
    if (next.read) StartRead(&incoming_);
    if (next.job) parts_.io_pool.Add([this] { RunJob(); });
    if (next.finish) Finish(*next.finish);
  }

  void RunJob() {
    absl::Status status = Store();
    Next next;
    {
      MutexLock lock(mutex_);
      if (result_.ok()) result_ = std::move(status);
      is_job_running_ = false;
      next = Step();
    }
    Do(next);
  }

  absl::Status Store() {
    if (!scope_) {
      DEPCACHE_ASSIGN_OR_RETURN(scope_,
                                OpenCall(parts_, *context_, current_.scope()));
      MutexLock lock(mutex_);
      log_.set_scope(*scope_);
    }
    std::vector<NewBlob> blobs;
    std::uint64_t bytes = 0;
    for (const v1::NewBlob& blob : current_.blobs()) {
      DEPCACHE_ASSIGN_OR_RETURN(const BlobHash hash, BlobHash::FromBytes(blob.sha256()));
      const absl::StatusOr<std::size_t> size = FrameContentSize(blob.frame(), kMaxBlobBytes);
      if (!size.ok()) return Annotate(size.status(), fmt::format("blob {}", hash.ToShortHex()));
      blobs.push_back(NewBlob{Digest{hash, *size}, blob.frame()});
      bytes += blob.frame().size();
    }
    DEPCACHE_RETURN_IF_ERROR(parts_.cache.WriteBlobs(*scope_, blobs));
    parts_.on_written();
    MutexLock lock(mutex_);
    log_.add_bytes(bytes);
    response_->set_blob_count(response_->blob_count() + blobs.size());
    response_->set_stored_bytes(response_->stored_bytes() + bytes);
    return absl::OkStatus();
  }

  const RpcParts& parts_;
  grpc::CallbackServerContext* const context_;
  v1::WriteBlobsResponse* const response_;
  std::optional<CallScope> scope_;     // used by jobs only, one at a time
  v1::WriteBlobsRequest incoming_;     // of the read that is under way
  v1::WriteBlobsRequest current_;      // of the job that runs

  Mutex mutex_;
  CallLog log_ ABSL_GUARDED_BY(mutex_);
  absl::Status result_ ABSL_GUARDED_BY(mutex_);
  bool is_reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool is_read_over_ ABSL_GUARDED_BY(mutex_) = false;
  bool has_incoming_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_job_running_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

grpc::ServerReadReactor<v1::WriteBlobsRequest>* NewWriteReactor(
    const RpcParts& parts, grpc::CallbackServerContext* context, v1::WriteBlobsResponse* response) {
  return new WriteReactor(parts, context, response);
}

}  // namespace depcache::server
