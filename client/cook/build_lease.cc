#include "client/cook/build_lease.h"

#include <algorithm>

#include "cache/base/clock.h"

namespace depcache::client {

BuildLease::BuildLease(RemoteCache& remote, std::string id, std::chrono::milliseconds ttl,
                       std::vector<std::optional<BuildKey>> keys)
    : remote_(remote),
      id_(std::move(id)),
      interval_(std::max(ttl / 3, std::chrono::milliseconds(100))),
      keys_(std::move(keys)),
      thread_([this] { Renew(); }) {}

BuildLease::~BuildLease() {
  {
    MutexLock lock(mutex_);
    is_ending_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
  remote_.AbandonBuild(id_, {}).IgnoreError();
}

void BuildLease::Release(std::span<const std::size_t> units) {
  std::vector<BuildKey> keys;
  for (const std::size_t unit : units) {
    if (unit < keys_.size() && keys_[unit]) keys.push_back(*keys_[unit]);
  }
  // Without any the whole lease would end.
  if (!keys.empty()) remote_.AbandonBuild(id_, keys).IgnoreError();
}

void BuildLease::Renew() {
  MutexLock lock(mutex_);
  SteadyTime next = std::chrono::steady_clock::now() + interval_;
  while (!is_ending_) {
    if (changed_.WaitUntil(mutex_, next)) continue;
    next += interval_;
    mutex_.Unlock();
    remote_.RenewBuild(id_).IgnoreError();
    mutex_.Lock();
  }
}

}  // namespace depcache::client
