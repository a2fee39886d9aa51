// One call: from its token to who calls, what it may touch, and its line in
// the access log.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <grpcpp/server_context.h>

#include "cache/base/clock.h"
#include "cache/base/mutex.h"
#include "cache/base/thread_pool.h"
#include "cache/engine/access_policy.h"
#include "cache/engine/layer_cache.h"
#include "cache/engine/token_table.h"
#include "depcache/v1/types.pb.h"
#include "server/rpc/call_stats.h"

namespace depcache::server {

// Whether gRPC's name of the other side is one of this machine.
bool IsLocalPeer(std::string_view peer);

// Says who a call is made by. Immutable; thread-safe.
class Authenticator {
 public:
  // Without a table every caller is anonymous, and an admin if the call comes
  // from this machine. `clock` must outlive this.
  Authenticator(std::optional<TokenTable> tokens, const Clock& clock)
      : tokens_(std::move(tokens)), clock_(clock) {}

  // Errors: UNAUTHENTICATED (no bearer token where one is needed, or one that
  // is not valid).
  absl::StatusOr<Caller> Authenticate(const grpc::ServerContextBase& context) const;

 private:
  std::optional<TokenTable> tokens_;
  const Clock& clock_;
};

// Counts the calls under way and, once the server drains, refuses new ones.
// Thread-safe.
class CallGate {
 public:
  void Enter();
  void Leave();
  // Calls that open from now on are refused with UNAVAILABLE.
  void Drain();
  bool is_draining();
  // Waits until no call is under way; false when `deadline` passed first.
  bool WaitIdle(SteadyTime deadline);

  CallStats& stats() { return stats_; }

 private:
  CallStats stats_;
  Mutex mutex_;
  CondVar changed_;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_draining_ ABSL_GUARDED_BY(mutex_) = false;
};

// What the handlers of all services need. All must outlive the services.
struct RpcParts {
  LayerCache& cache;
  const Authenticator& authenticator;
  CallGate& gate;
  ThreadPool& io_pool;
  // Called after bytes were stored: lets upkeep run.
  std::function<void()> on_written;
};

// Authenticates the call and resolves the scope it names.
// Errors: UNAUTHENTICATED; PERMISSION_DENIED; INVALID_ARGUMENT; UNAVAILABLE
// (the server is about to stop).
absl::StatusOr<CallScope> OpenCall(const RpcParts& parts, const grpc::ServerContextBase& context,
                                   const v1::Scope& scope);

// One call under way: counted by the gate, and one line in the log when it
// ends: method, principal, scope, what it was about, result, bytes,
// milliseconds. Not thread-safe.
class CallLog {
 public:
  CallLog(CallGate& gate, const grpc::ServerContextBase& context, std::string_view method);
  ~CallLog();
  CallLog(const CallLog&) = delete;
  CallLog& operator=(const CallLog&) = delete;

  void set_scope(const CallScope& scope);
  void set_subject(std::string subject) { subject_ = std::move(subject); }
  void add_bytes(std::uint64_t bytes) { bytes_ += bytes; }
  // Records the result and hands it back.
  absl::Status Result(absl::Status status);

 private:
  CallGate& gate_;
  const std::string_view method_;
  const std::string peer_;
  const std::chrono::steady_clock::time_point start_;
  std::string principal_ = "-";
  std::string scope_ = "-";
  std::string subject_ = "-";
  absl::StatusCode result_ = absl::StatusCode::kCancelled;
  std::uint64_t bytes_ = 0;
};

}  // namespace depcache::server
