#include "cache/engine/ticket_table.h"

#include <algorithm>

#include "cache/base/random.h"

namespace depcache {
namespace {

constexpr std::size_t kNameBytes = 16;

}  // namespace

bool ReadTicket::Allows(const BlobHash& hash) const {
  return std::any_of(blobs.begin(), blobs.end(), [&](const auto& set) {
    return std::binary_search(set->begin(), set->end(), hash);
  });
}

std::string TicketTable::Give(std::shared_ptr<const ReadTicket> ticket) {
  const std::string name = RandomBytes(kNameBytes);
  const SteadyTime end = clock_.SteadyNow() + ttl_;
  std::shared_ptr<const ReadTicket> dropped;  // destroyed after the lock
  MutexLock lock(mutex_);
  if (tickets_.size() >= max_tickets_) {
    const auto oldest =
        std::min_element(tickets_.begin(), tickets_.end(),
                         [](const auto& a, const auto& b) { return a.second.end < b.second.end; });
    dropped = std::move(oldest->second.ticket);
    tickets_.erase(oldest);
  }
  tickets_.emplace(name, Held{std::move(ticket), end});
  return name;
}

std::shared_ptr<const ReadTicket> TicketTable::Take(std::string_view name) {
  const SteadyTime now = clock_.SteadyNow();
  MutexLock lock(mutex_);
  const auto held = tickets_.find(name);
  if (held == tickets_.end() || held->second.end <= now) return nullptr;
  held->second.end = now + ttl_;
  return held->second.ticket;
}

void TicketTable::Expire() {
  const SteadyTime now = clock_.SteadyNow();
  std::vector<std::shared_ptr<const ReadTicket>> dropped;  // destroyed after the lock
  MutexLock lock(mutex_);
  for (auto it = tickets_.begin(); it != tickets_.end();) {
    if (it->second.end > now) {
      ++it;
      continue;
    }
    dropped.push_back(std::move(it->second.ticket));
    it = tickets_.erase(it);
  }
}

std::size_t TicketTable::size() {
  MutexLock lock(mutex_);
  return tickets_.size();
}

}  // namespace depcache
