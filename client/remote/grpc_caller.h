// A connection to the server, and calls over it as one user.

#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include <absl/status/statusor.h>
#include <grpcpp/grpcpp.h>

#include "client/remote/grpc_remote_cache.h"
#include "client/remote/grpc_streams.h"
#include "depcache/v1/types.pb.h"

namespace depcache::client {

// Checks the options; does not connect yet.
// Errors: INVALID_ARGUMENT naming the option and what to write instead.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const RemoteOptions& options);

// Thread-safe.
class GrpcCaller {
 public:
  GrpcCaller(const RemoteOptions& options, std::shared_ptr<grpc::Channel> channel)
      : options_(options), channel_(std::move(channel)) {}

  const RemoteOptions& options() const { return options_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Instance and scope of the options.
  void FillScope(v1::Scope* scope) const;

  // Waits for a connection once; later calls fail or work on their own.
  // Errors: UNAVAILABLE.
  absl::Status Connect();

  // With the token, without a deadline.
  std::unique_ptr<grpc::ClientContext> NewContext() const;

  // One unary call within `bound`, after Connect.
  template <typename Method>
  absl::Status Call(std::chrono::milliseconds bound, const Method& method) {
    const absl::Status connected = Connect();
    if (!connected.ok()) return connected;
    const std::unique_ptr<grpc::ClientContext> context = NewContext();
    context->set_deadline(std::chrono::system_clock::now() + bound);
    return FromGrpc(method(*context));
  }

 private:
  const RemoteOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  std::atomic<bool> is_connected_ = false;
};

}  // namespace depcache::client
