#include "client/remote/grpc_streams.h"

#include <algorithm>
#include <utility>

#include "cache/base/status.h"
#include "client/remote/stall_guard.h"

namespace depcache::client {
namespace {

constexpr std::size_t kHashesPerRequest = 32'768;
constexpr std::size_t kUploadMessageBytes = 1 << 20;

class GrpcBlobStream final : public BlobStream {
 public:
  GrpcBlobStream(v1::BlobService::Stub& stub, v1::ReadBlobsRequest first,
                 std::unique_ptr<grpc::ClientContext> context,
                 std::chrono::milliseconds stall_bound)
      : context_(std::move(context)),
        request_(std::move(first)),
        stream_(stub.ReadBlobs(context_.get())),
        guard_(stall_bound, [this] { context_->TryCancel(); }) {
    guard_.Pause();
  }

  ~GrpcBlobStream() override {
    if (is_over_) return;
    context_->TryCancel();
    stream_->Finish();
  }

  absl::Status Read(std::span<const Digest> digests, const FrameSink& sink) override {
    if (is_over_) return Unavailable("the stream has ended");
    guard_.Progress();
    for (std::size_t start = 0; start < digests.size(); start += kHashesPerRequest) {
      const auto part = digests.subspan(start, std::min(kHashesPerRequest, digests.size() - start));
      request_.clear_hashes();
      for (const Digest& digest : part) request_.mutable_hashes()->append(digest.hash.AsBytes());
      if (!stream_->Write(request_)) return End();
      // Scope and ticket count in the first message only.
      request_.clear_scope();
      request_.clear_ticket();
    }
    std::size_t answered = 0;
    v1::ReadBlobsResponse response;
    while (answered < digests.size()) {
      guard_.Progress();
      if (!stream_->Read(&response)) return End();
      guard_.Pause();  // what the sink does is not the server's silence
      for (v1::BlobFrame& blob : *response.mutable_blobs()) {
        if (blob.position() != position_ || answered == digests.size()) {
          Stop();
          return Unavailable("the server answered out of order");
        }
        ++position_;
        if (!sink(answered++, FrameOf(blob))) {
          Stop();
          return absl::OkStatus();
        }
      }
    }
    return absl::OkStatus();
  }

 private:
  static absl::StatusOr<std::string> FrameOf(v1::BlobFrame& blob) {
    if (blob.status() == 0) return std::move(*blob.mutable_frame());
    return MakeStatus(static_cast<absl::StatusCode>(blob.status()),
                      "the server cannot hand out this blob");
  }

  void Stop() {
    context_->TryCancel();
    stream_->Finish();
    is_over_ = true;
  }

  absl::Status End() {
    const grpc::Status status = stream_->Finish();
    is_over_ = true;
    guard_.Pause();
    if (guard_.has_stalled()) return DeadlineExceeded("the server fell silent");
    if (status.ok()) return Unavailable("the server ended the stream early");
    return FromGrpc(status);
  }

  const std::unique_ptr<grpc::ClientContext> context_;
  v1::ReadBlobsRequest request_;
  const std::unique_ptr<grpc::ClientReaderWriter<v1::ReadBlobsRequest, v1::ReadBlobsResponse>>
      stream_;
  StallGuard guard_;
  std::uint32_t position_ = 0;
  bool is_over_ = false;
};

class GrpcBlobUpload final : public BlobUpload {
 public:
  GrpcBlobUpload(v1::BlobService::Stub& stub, v1::WriteBlobsRequest first,
                 std::unique_ptr<grpc::ClientContext> context,
                 std::chrono::milliseconds stall_bound)
      : context_(std::move(context)),
        request_(std::move(first)),
        stream_(stub.WriteBlobs(context_.get(), &response_)),
        guard_(stall_bound, [this] { context_->TryCancel(); }) {
    guard_.Pause();
  }

  ~GrpcBlobUpload() override {
    if (is_over_) return;
    context_->TryCancel();
    stream_->Finish();
  }

  absl::Status Write(UploadBlob blob) override {
    if (is_over_) return Unavailable("the stream has ended");
    pending_bytes_ += blob.frame.size();
    v1::NewBlob* out = request_.add_blobs();
    out->set_sha256(std::string(blob.hash.AsBytes()));
    out->set_frame(std::move(blob.frame));
    if (pending_bytes_ < kUploadMessageBytes) return absl::OkStatus();
    return Flush();
  }

  absl::Status Finish() override {
    if (is_over_) return Unavailable("the stream has ended");
    DEPCACHE_RETURN_IF_ERROR(Flush());
    guard_.Progress();
    stream_->WritesDone();
    return End();
  }

 private:
  absl::Status Flush() {
    guard_.Progress();
    const bool is_written = stream_->Write(request_);
    request_.Clear();  // scope counts in the first message only
    pending_bytes_ = 0;
    if (!is_written) return End();
    guard_.Pause();
    return absl::OkStatus();
  }

  absl::Status End() {
    const grpc::Status status = stream_->Finish();
    is_over_ = true;
    guard_.Pause();
    if (guard_.has_stalled()) return DeadlineExceeded("the server fell silent");
    return FromGrpc(status);
  }

  const std::unique_ptr<grpc::ClientContext> context_;
  v1::WriteBlobsRequest request_;
  v1::WriteBlobsResponse response_;
  const std::unique_ptr<grpc::ClientWriter<v1::WriteBlobsRequest>> stream_;
  StallGuard guard_;
  std::size_t pending_bytes_ = 0;
  bool is_over_ = false;
};

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  return MakeStatus(static_cast<absl::StatusCode>(static_cast<int>(status.error_code())),
                    status.error_message());
}

std::unique_ptr<BlobStream> OpenBlobStream(v1::BlobService::Stub& stub, v1::ReadBlobsRequest first,
                                           std::unique_ptr<grpc::ClientContext> context,
                                           std::chrono::milliseconds stall_bound) {
  return std::make_unique<GrpcBlobStream>(stub, std::move(first), std::move(context), stall_bound);
}

std::unique_ptr<BlobUpload> OpenBlobUpload(v1::BlobService::Stub& stub, v1::WriteBlobsRequest first,
                                           std::unique_ptr<grpc::ClientContext> context,
                                           std::chrono::milliseconds stall_bound) {
  return std::make_unique<GrpcBlobUpload>(stub, std::move(first), std::move(context), stall_bound);
}

}  // namespace depcache::client
