// One builder per fleet: whoever comes first compiles what is missing, the
// others take it from the server as it lands.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <absl/status/status.h>

#include "cache/base/mutex.h"
#include "cache/cargo/unit_plan.h"
#include "client/context.h"
#include "client/cook/cook_input.h"
#include "client/cook/summary.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

// A lease on units, renewed by a thread of its own until it is destroyed; then
// they are free for others at once.
class BuildLease {
 public:
  // `remote` must outlive this object.
  BuildLease(RemoteCache& remote, std::string id, std::chrono::milliseconds ttl);
  ~BuildLease();
  BuildLease(const BuildLease&) = delete;
  BuildLease& operator=(const BuildLease&) = delete;

 private:
  void Renew();

  RemoteCache& remote_;
  const std::string id_;
  const std::chrono::milliseconds interval_;
  Mutex mutex_;
  CondVar changed_;
  bool is_ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

struct TurnInput {
  Context& context;
  const CookInput& input;
  RemoteCache& remote;
  const UnitPlan& plan;
  bool may_build = false;  // the caller may write: others may wait for it
  // Restores what landed meanwhile.
  std::function<absl::Status()> restore;
};

// Waits while others compile units of the plan that are missing here, and
// restores them as they land. Ends when nothing is missing, when nobody else
// is at work (then with a lease on the rest, if the caller may write), or when
// nothing landed for the context's wait bound: the lease is nullptr then, and
// the caller compiles all the same.
// Errors: CANCELLED (interrupted); of `restore`.
absl::StatusOr<std::unique_ptr<BuildLease>> WaitForTurn(const TurnInput& input,
                                                        CookSummary& summary);

}  // namespace depcache::client
