#include "cache/engine/lease_table.h"

#include "cache/base/random.h"
#include "cache/base/status.h"

namespace depcache {
namespace {

constexpr std::size_t kIdBytes = 16;

}  // namespace

LeaseTable::Leases::iterator LeaseTable::Drop(Leases::iterator lease) {
  for (const BuildKey& key : lease->second.keys) holders_.erase({lease->second.scope, key});
  return leases_.erase(lease);
}

void LeaseTable::DropEnded() {
  const SteadyTime now = clock_.SteadyNow();
  for (auto it = leases_.begin(); it != leases_.end();) {
    it = it->second.end <= now ? Drop(it) : std::next(it);
  }
}

absl::StatusOr<LeaseTable::Answer> LeaseTable::Begin(const ScopeKey& scope,
                                                     std::span<const BuildKey> keys,
                                                     bool only_asks) {
  Answer answer;
  MutexLock lock(mutex_);
  DropEnded();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (holders_.contains({scope, keys[i]})) answer.held.push_back(static_cast<std::uint32_t>(i));
  }
  if (only_asks || !answer.held.empty() || keys.empty()) return answer;
  if (leases_.size() >= options_.max_leases) {
    return ResourceExhausted("there are {} builds under way", leases_.size());
  }
  answer.lease_id = RandomBytes(kIdBytes);
  for (const BuildKey& key : keys) holders_[{scope, key}] = answer.lease_id;
  leases_[answer.lease_id] =
      Lease{scope, {keys.begin(), keys.end()}, clock_.SteadyNow() + options_.ttl};
  return answer;
}

absl::Status LeaseTable::Renew(const ScopeKey& scope, std::string_view lease_id) {
  MutexLock lock(mutex_);
  DropEnded();
  const auto lease = leases_.find(lease_id);
  if (lease == leases_.end() || lease->second.scope != scope) return NotFound("no such lease");
  lease->second.end = clock_.SteadyNow() + options_.ttl;
  return absl::OkStatus();
}

void LeaseTable::Abandon(const ScopeKey& scope, std::string_view lease_id) {
  MutexLock lock(mutex_);
  const auto lease = leases_.find(lease_id);
  if (lease != leases_.end() && lease->second.scope == scope) Drop(lease);
}

std::size_t LeaseTable::size() {
  MutexLock lock(mutex_);
  DropEnded();
  return leases_.size();
}

}  // namespace depcache
