// Who is building which units, so that others wait instead of building them
// too. Advice only: nothing in the store depends on it, and a restart forgets
// it all.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/clock.h"
#include "cache/base/digest.h"
#include "cache/base/mutex.h"
#include "cache/store/catalog.h"

namespace depcache {

// Thread-safe.
class LeaseTable {
 public:
  struct Options {
    std::chrono::milliseconds ttl{15'000};
    std::size_t max_leases = 4096;
  };
  struct Answer {
    std::string lease_id;             // "" if none was given
    std::vector<std::uint32_t> held;  // positions that other leases cover
  };

  // `clock` must outlive this object.
  LeaseTable(const Clock& clock, const Options& options) : clock_(clock), options_(options) {}

  // A lease on all of `keys`, unless another covers one of them. With
  // `only_asks` none is given.
  // Errors: RESOURCE_EXHAUSTED.
  absl::StatusOr<Answer> Begin(const ScopeKey& scope, std::span<const BuildKey> keys,
                               bool only_asks);
  // Errors: NOT_FOUND (it has ended, or is another scope's).
  absl::Status Renew(const ScopeKey& scope, std::string_view lease_id);
  void Abandon(const ScopeKey& scope, std::string_view lease_id);

  const Options& options() const { return options_; }
  std::size_t size();

 private:
  struct Lease {
    ScopeKey scope;
    std::vector<BuildKey> keys;
    SteadyTime end;
  };
  using Leases = std::map<std::string, Lease, std::less<>>;

  void DropEnded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Leases::iterator Drop(Leases::iterator lease) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const Options options_;
  Mutex mutex_;
  Leases leases_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<ScopeKey, BuildKey>, std::string> holders_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace depcache
