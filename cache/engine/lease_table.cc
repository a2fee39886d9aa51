#include "cache/engine/lease_table.h"

#include "cache/base/random.h"
#include "cache/base/status.h"

namespace depcache {
namespace {

constexpr std::size_t kIdBytes = 16;

}  // namespace

LeaseTable::Leases::iterator LeaseTable::Drop(Leases::iterator lease) {
  for (const BuildKey& key : lease->second.keys) holders_.erase({lease->second.scope, key});
  freed_.NotifyAll();
  return leases_.erase(lease);
}

void LeaseTable::DropEnded() {
  const SteadyTime now = clock_.SteadyNow();
  for (auto it = leases_.begin(); it != leases_.end();) {
    it = it->second.end <= now ? Drop(it) : std::next(it);
  }
}

absl::StatusOr<LeaseTable::Answer> LeaseTable::Begin(const ScopeKey& scope,
                                                     std::span<const BuildKey> keys, Take take,
                                                     std::string_view lease_id) {
  Answer answer;
  MutexLock lock(mutex_);
  DropEnded();
  auto lease = leases_.find(lease_id);
  if (!lease_id.empty() && (lease == leases_.end() || lease->second.scope != scope)) {
    return NotFound("no such lease");
  }
  std::vector<BuildKey> free;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto holder = holders_.find({scope, keys[i]});
    if (holder == holders_.end()) {
      free.push_back(keys[i]);
    } else if (lease_id.empty() || holder->second != lease_id) {
      answer.held.push_back(static_cast<std::uint32_t>(i));
    }
  }
  if (lease != leases_.end()) answer.lease_id = lease_id;
  if (take == Take::kNothing || (take == Take::kAll && !answer.held.empty()) || free.empty()) {
    return answer;
  }
  if (lease == leases_.end()) {
    if (leases_.size() >= options_.max_leases) {
      return ResourceExhausted("there are {} builds under way", leases_.size());
    }
    answer.lease_id = RandomBytes(kIdBytes);
    lease = leases_.emplace(answer.lease_id, Lease{scope, {}, {}}).first;
  }
  for (const BuildKey& key : free) holders_[{scope, key}] = answer.lease_id;
  lease->second.keys.insert(free.begin(), free.end());
  lease->second.end = clock_.SteadyNow() + options_.ttl;
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

void LeaseTable::Abandon(const ScopeKey& scope, std::string_view lease_id,
                         std::span<const BuildKey> keys) {
  MutexLock lock(mutex_);
  const auto lease = leases_.find(lease_id);
  if (lease == leases_.end() || lease->second.scope != scope) return;
  if (keys.empty()) {
    Drop(lease);
    return;
  }
  for (const BuildKey& key : keys) {
    if (lease->second.keys.erase(key) > 0) holders_.erase({scope, key});
  }
  freed_.NotifyAll();
}

std::vector<std::uint32_t> LeaseTable::Free(const ScopeKey& scope,
                                            std::span<const BuildKey> keys) const {
  std::vector<std::uint32_t> free;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!holders_.contains({scope, keys[i]})) free.push_back(static_cast<std::uint32_t>(i));
  }
  return free;
}

std::vector<std::uint32_t> LeaseTable::WaitForFree(const ScopeKey& scope,
                                                   std::span<const BuildKey> keys,
                                                   SteadyTime deadline) {
  MutexLock lock(mutex_);
  std::vector<std::uint32_t> free = Free(scope, keys);
  while (free.empty() && freed_.WaitUntil(mutex_, deadline)) free = Free(scope, keys);
  return free;
}

std::size_t LeaseTable::size() {
  MutexLock lock(mutex_);
  DropEnded();
  return leases_.size();
}

}  // namespace depcache
