// Who is building which units, so that others wait instead of building them
// too. Advice only: nothing in the store depends on it, and a restart forgets
// it all.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
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

  // How much of what is asked for is taken.
  enum class Take {
    kNothing,  // only says what is held
    kAll,      // all of it, or nothing while another lease covers any
    kFree,     // what no other lease covers
  };

  // A lease on units of `keys`. With `lease_id` not empty they are added to that
  // lease, whose units do not count as held.
  // Errors: NOT_FOUND (that lease has ended); RESOURCE_EXHAUSTED.
  absl::StatusOr<Answer> Begin(const ScopeKey& scope, std::span<const BuildKey> keys, Take take,
                               std::string_view lease_id = {});
  // Errors: NOT_FOUND (it has ended, or is another scope's).
  absl::Status Renew(const ScopeKey& scope, std::string_view lease_id);
  // Ends the lease, or only takes `keys` out of it, if there are any.
  void Abandon(const ScopeKey& scope, std::string_view lease_id,
               std::span<const BuildKey> keys = {});

  // Positions of those of `keys` that no lease covers: at once if there are some,
  // else when one is given free; empty if `deadline` passed first. A lease that
  // lapses is seen when one of the methods above is called.
  std::vector<std::uint32_t> WaitForFree(const ScopeKey& scope, std::span<const BuildKey> keys,
                                         SteadyTime deadline);

  const Options& options() const { return options_; }
  std::size_t size();

 private:
  struct Lease {
    ScopeKey scope;
    std::set<BuildKey> keys;
    SteadyTime end;
  };
  using Leases = std::map<std::string, Lease, std::less<>>;

  std::vector<std::uint32_t> Free(const ScopeKey& scope, std::span<const BuildKey> keys) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropEnded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Leases::iterator Drop(Leases::iterator lease) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const Options options_;
  Mutex mutex_;
  CondVar freed_;
  Leases leases_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<ScopeKey, BuildKey>, std::string> holders_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace depcache
