#include "server/rpc/call.h"

#include "cache/base/log.h"
#include "cache/base/status.h"

namespace depcache::server {
namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr std::size_t kMaxTokenBytes = 4096;

}  // namespace

bool IsLocalPeer(std::string_view peer) {
  return peer.starts_with("ipv4:127.") || peer.starts_with("ipv6:[::1]:") ||
         peer.starts_with("ipv6:%5B::1%5D:") || peer.starts_with("unix:");
}

absl::StatusOr<Caller> Authenticator::Authenticate(const grpc::ServerContextBase& context) const {
  if (!tokens_) {
    Caller caller = AnonymousCaller();
    caller.is_admin = IsLocalPeer(context.peer());
    return caller;
  }
  const auto& metadata = context.client_metadata();
  const auto entry = metadata.find("authorization");
  if (entry == metadata.end()) {
    return Unauthenticated("this server wants a token; set DEPCACHE_TOKEN or DEPCACHE_TOKEN_FILE");
  }
  std::string_view value(entry->second.data(), entry->second.size());
  if (!value.starts_with(kBearer) || value.size() > kMaxTokenBytes) {
    return Unauthenticated("the authorization of the call is no bearer token");
  }
  value.remove_prefix(kBearer.size());
  return tokens_->Authenticate(value, clock_.Now());
}

void CallGate::Enter() {
  MutexLock lock(mutex_);
  ++calls_;
}

void CallGate::Leave() {
  {
    MutexLock lock(mutex_);
    --calls_;
  }
  changed_.NotifyAll();
}

void CallGate::Drain() {
  MutexLock lock(mutex_);
  is_draining_ = true;
}

bool CallGate::is_draining() {
  MutexLock lock(mutex_);
  return is_draining_;
}

bool CallGate::WaitIdle(SteadyTime deadline) {
  MutexLock lock(mutex_);
  while (calls_ > 0) {
    if (!changed_.WaitUntil(mutex_, deadline)) return calls_ == 0;
  }
  return true;
}

absl::StatusOr<CallScope> OpenCall(const RpcParts& parts, const grpc::ServerContextBase& context,
                                   const v1::Scope& scope) {
  if (parts.gate.is_draining()) return Unavailable("the server is about to stop");
  DEPCACHE_ASSIGN_OR_RETURN(const Caller caller, parts.authenticator.Authenticate(context));
  return ResolveScope(caller, scope.instance_name(), scope.scope());
}

CallLog::CallLog(CallGate& gate, const grpc::ServerContextBase& context, std::string_view method)
    : gate_(gate),
      method_(method),
      peer_(context.peer()),
      start_(std::chrono::steady_clock::now()) {
  gate_.Enter();
  gate_.stats().Begin(method_);
}

CallLog::~CallLog() {
  const auto elapsed = std::chrono::steady_clock::now() - start_;
  gate_.stats().End(method_, result_, elapsed);
  Log(LogLevel::kInfo, "{} {} {} {} {} {} bytes {} ms {}", method_, principal_, scope_, subject_,
      absl::StatusCodeToString(result_), bytes_,
      std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count(), peer_);
  gate_.Leave();
}

void CallLog::set_scope(const CallScope& scope) {
  principal_ = scope.principal;
  scope_ = scope.names[0];
}

absl::Status CallLog::Result(absl::Status status) {
  result_ = status.code();
  return status;
}

}  // namespace depcache::server
