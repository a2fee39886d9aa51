#include "client/remote/grpc_caller.h"

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "client/remote/server_address.h"

namespace depcache::client {
namespace {

constexpr std::uint64_t kMaxCaBytes = 4 << 20;
constexpr int kMaxReceiveBytes = 16 << 20;
// Without a bound of its own, a fast server makes gRPC hold 100 MB and more.
constexpr int kLookaheadBytes = 8 << 20;
constexpr int kKeepaliveMs = 60'000;

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(
    const RemoteOptions& options, const ServerAddress& address) {
  if (!address.uses_tls) {
    if (!address.is_loopback && !options.allow_plaintext) {
      return InvalidArgument(
          "server {} is not on this machine and would be spoken to without TLS; write "
          "grpcs://..., or set DEPCACHE_ALLOW_PLAINTEXT=1",
          options.server);
    }
    return grpc::InsecureChannelCredentials();
  }
  grpc::SslCredentialsOptions tls;
  if (!options.ca_file.empty()) {
    DEPCACHE_ASSIGN_OR_RETURN(tls.pem_root_certs, ReadFile(options.ca_file, kMaxCaBytes));
  }
  return grpc::SslCredentials(tls);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const RemoteOptions& options) {
  DEPCACHE_ASSIGN_OR_RETURN(const ServerAddress address, ParseServerAddress(options.server));
  DEPCACHE_ASSIGN_OR_RETURN(const auto credentials, CredentialsOf(options, address));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kLookaheadBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  // Our own proxies are for crate downloads, not for a server in the house.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address.target, credentials, arguments);
}

void GrpcCaller::FillScope(v1::Scope* scope) const {
  scope->set_instance_name(options_.instance);
  scope->set_scope(options_.scope);
}

absl::Status GrpcCaller::Connect() {
  if (is_connected_) return absl::OkStatus();
  if (!channel_->WaitForConnected(std::chrono::system_clock::now() + options_.connect_bound)) {
    return Unavailable("no connection to {} within {} ms", options_.server,
                       options_.connect_bound.count());
  }
  is_connected_ = true;
  return absl::OkStatus();
}

std::unique_ptr<grpc::ClientContext> GrpcCaller::NewContext() const {
  auto context = std::make_unique<grpc::ClientContext>();
  if (!options_.token.empty()) {
    context->AddMetadata("authorization", "Bearer " + options_.token);
  }
  return context;
}

}  // namespace depcache::client
