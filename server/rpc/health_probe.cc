#include "server/rpc/health_probe.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "cache/base/status.h"

namespace depcache::server {
namespace {

constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
// HealthCheckResponse with status = SERVING (field 1, value 1).
constexpr std::string_view kServing = "\x08\x01";

std::shared_ptr<grpc::ChannelCredentials> Credentials(bool uses_tls) {
  if (!uses_tls) return grpc::InsecureChannelCredentials();
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace

absl::Status ProbeHealth(const std::string& target, bool uses_tls,
                         std::chrono::milliseconds bound) {
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(
      grpc::CreateChannel(target, Credentials(uses_tls)));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + bound);
  // An empty HealthCheckRequest asks for the server as a whole.
  grpc::Slice nothing("");
  const grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer response;
  grpc::CompletionQueue queue;
  grpc::Status status;
  auto call = stub.PrepareUnaryCall(&context, kCheck, request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool is_ok = false;
  queue.Next(&tag, &is_ok);
  queue.Shutdown();
  while (queue.Next(&tag, &is_ok)) {
  }
  if (!status.ok()) return Unavailable("{} does not answer: {}", target, status.error_message());
  grpc::Slice answer;
  if (!response.TrySingleSlice(&answer).ok() ||
      std::string_view(reinterpret_cast<const char*>(answer.begin()), answer.size()) != kServing) {
    return Unavailable("{} says that it does not serve", target);
  }
  return absl::OkStatus();
}

std::string ProbeTarget(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return listen;
  const std::string host = listen.substr(0, colon);
  const bool is_any = host.empty() || host == "0.0.0.0" || host == "[::]" || host == "*";
  return is_any ? "127.0.0.1" + listen.substr(colon) : listen;
}

}  // namespace depcache::server
