// One ReadBlobs stream.
//
// Requests queue hashes; one job at a time on the I/O pool reads the next few
// into a message; one message is being written while at most one more waits.
// So a caller which does not read holds two small messages here and no thread.

#include <algorithm>
#include <deque>
#include <optional>

#include "cache/base/status.h"
#include "cache/wire/convert.h"
#include "cache/wire/frame_header.h"
#include "server/rpc/blob_service.h"
#include "server/rpc/grpc_status.h"

namespace depcache::server {
namespace {

// A message takes frames until it has this many bytes: large enough for speed
// (2.6 GB/s were measured with 256 KiB), small enough for many slow readers.
constexpr std::size_t kMessageBytes = 256 << 10;
constexpr std::size_t kMaxHashesPerRequest = 65'536;
constexpr std::size_t kMaxQueuedHashes = 1'000'000;
constexpr std::size_t kMaxHashesPerJob = 256;

grpc::Slice SliceOf(Frame frame) {
  auto* owner = new Frame(std::move(frame));
  return grpc::Slice(
      const_cast<char*>(owner->bytes.data()), owner->bytes.size(),
      [](void* held) { delete static_cast<Frame*>(held); }, owner);
}

class ReadReactor final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  ReadReactor(const RpcParts& parts, grpc::CallbackServerContext* context)
      : parts_(parts), context_(context), log_(parts.gate, *context, "ReadBlobs") {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    absl::Status status = ok ? Accept() : absl::OkStatus();
    bool reads_on = false;
    Next next;
    {
      MutexLock lock(mutex_);
      if (!status.ok()) Fail(std::move(status));
      is_read_over_ = !ok || !result_.ok();
      reads_on = !is_read_over_;
      if (reads_on) ++reads_due_;
      next = Step();
    }
    Do(next);
    if (reads_on) ReadOn();
  }

  void OnWriteDone(bool ok) override {
    Next next;
    {
      MutexLock lock(mutex_);
      is_writing_ = false;
      if (!ok) Fail(Cancelled("the caller went away"));
      next = Step();
    }
    Do(next);
  }

  void OnCancel() override {
    Next next;
    {
      MutexLock lock(mutex_);
      Fail(Cancelled("the caller cancelled"));
      next = Step();
    }
    Do(next);
  }

  void OnDone() override { delete this; }

 private:
  // Takes in one request. Runs in a callback: decoding only.
  absl::Status Accept() {
    v1::ReadBlobsRequest request;
    grpc::ByteBuffer bytes;
    bytes.Swap(&request_);
    if (!grpc::SerializationTraits<v1::ReadBlobsRequest>::Deserialize(&bytes, &request).ok()) {
      return InvalidArgument("the request does not parse");
    }
    if (reader_ == nullptr) {
      DEPCACHE_ASSIGN_OR_RETURN(const CallScope scope,
                                OpenCall(parts_, *context_, request.scope()));
      {
        MutexLock lock(mutex_);
        log_.set_scope(scope);
      }
      reader_ = parts_.cache.OpenReader(scope, request.ticket());
    }
    DEPCACHE_ASSIGN_OR_RETURN(const auto hashes,
                              UnpackBlobHashes(request.hashes(), kMaxHashesPerRequest));
    MutexLock lock(mutex_);
    if (queue_.size() + hashes.size() > kMaxQueuedHashes) {
      return InvalidArgument("more than {} blobs wait in one stream", kMaxQueuedHashes);
    }
    queue_.insert(queue_.end(), hashes.begin(), hashes.end());
    return absl::OkStatus();
  }

  // The next OnReadDone may run before this returns.
  void ReadOn() {
    StartRead(&request_);
    Next next;
    {
      MutexLock lock(mutex_);
      --reads_due_;
      next = Step();
    }
    Do(next);
  }

  void Fail(absl::Status status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (result_.ok()) result_ = std::move(status);
  }

  // What to start, decided under the lock and started without it: gRPC may
  // run the completion of an operation on the thread that starts it, and
  // after Finish this object may be gone.
  struct Next {
    bool write = false;
    bool job = false;
    std::optional<grpc::Status> finish;
  };

  Next Step() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Next next;
    if (result_.ok() && ready_ && !is_writing_) {
      message_.Swap(&*ready_);
      ready_.reset();
      next.write = is_writing_ = true;
    }
    if (result_.ok() && !is_job_running_ && !ready_ && !queue_.empty()) {
      next.job = is_job_running_ = true;
    }
    const bool is_idle = !is_job_running_ && !is_writing_ && reads_due_ == 0;
    const bool is_answered = is_read_over_ && queue_.empty() && !ready_;
    if (is_idle && !is_finished_ && (is_answered || !result_.ok())) {
      is_finished_ = true;
      next.finish = ToGrpcStatus(log_.Result(result_));
    }
    return next;
  }

  void Do(const Next& next) {
    if (next.job) parts_.io_pool.Add([this] { RunJob(); });
    if (next.write) StartWrite(&message_);
    if (next.finish) Finish(*next.finish);
  }

  void RunJob() {
    std::vector<BlobHash> hashes;
    std::uint32_t position = 0;
    {
      MutexLock lock(mutex_);
      hashes.assign(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                         queue_.size(), kMaxHashesPerJob)));
      position = answered_;
    }
    std::vector<grpc::Slice> slices;
    std::size_t bytes = 0;
    std::uint32_t count = 0;
    reader_->Read(hashes, [&](std::size_t, absl::StatusOr<Frame> frame) {
      const std::uint32_t plain = frame.ok() ? frame->plain_bytes : 0;
      const std::size_t size = frame.ok() ? frame->bytes.size() : 0;
      slices.emplace_back(FrameHeader(position + count, frame.status().code(), plain, size));
      bytes += slices.back().size() + size;
      if (size > 0) slices.push_back(SliceOf(*std::move(frame)));
      ++count;
      return bytes < kMessageBytes;
    });
    Next next;
    {
      MutexLock lock(mutex_);
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
      answered_ += count;
      log_.add_bytes(bytes);
      log_.set_subject(fmt::format("{}", answered_));
      ready_.emplace(slices.data(), slices.size());
      is_job_running_ = false;
      next = Step();
    }
    Do(next);
  }

  const RpcParts& parts_;
  grpc::CallbackServerContext* const context_;
  grpc::ByteBuffer request_;  // of the read that is under way
  grpc::ByteBuffer message_;  // of the write that is under way
  std::unique_ptr<BlobReader> reader_;  // set by the first request, then used by one job at a time

  Mutex mutex_;
  CallLog log_ ABSL_GUARDED_BY(mutex_);
  std::deque<BlobHash> queue_ ABSL_GUARDED_BY(mutex_);
  std::uint32_t answered_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<grpc::ByteBuffer> ready_ ABSL_GUARDED_BY(mutex_);
  absl::Status result_ ABSL_GUARDED_BY(mutex_);
  bool is_read_over_ ABSL_GUARDED_BY(mutex_) = false;
  // Reads that are about to be started: no Finish before that.
  int reads_due_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_job_running_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewReadReactor(
    const RpcParts& parts, grpc::CallbackServerContext* context) {
  return new ReadReactor(parts, context);
}

}  // namespace depcache::server
