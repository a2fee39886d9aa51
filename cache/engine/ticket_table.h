#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/base/clock.h"
#include "cache/base/digest.h"
#include "cache/base/mutex.h"
#include "cache/engine/saved_times.h"
#include "cache/store/blob_store.h"

namespace depcache {

// Names of blobs, sorted: what a layer consists of.
using BlobSet = std::vector<BlobHash>;

// What a ticket lets its holder read, and the view that keeps it readable.
struct ReadTicket {
  std::shared_ptr<BlobView> view;
  std::vector<std::shared_ptr<const BlobSet>> blobs;
  std::shared_ptr<SavedTimes> saved = std::make_shared<SavedTimes>();  // never nullptr

  bool Allows(const BlobHash& hash) const;
};

// Tickets given out with layers. A ticket ends after `ttl` without use or when
// `max_tickets` newer ones were given out; a stream that has taken one keeps
// it to its end. Thread-safe.
class TicketTable {
 public:
  // `clock` must outlive this object.
  TicketTable(const Clock& clock, std::chrono::seconds ttl, std::size_t max_tickets)
      : clock_(clock), ttl_(ttl), max_tickets_(max_tickets) {}

  // A new ticket's name: 16 random bytes.
  std::string Give(std::shared_ptr<const ReadTicket> ticket);
  // nullptr if it is not known or has ended.
  std::shared_ptr<const ReadTicket> Take(std::string_view name);
  // Forgets tickets that have ended.
  void Expire();
  std::size_t size();

 private:
  struct Held {
    std::shared_ptr<const ReadTicket> ticket;
    SteadyTime end;
  };

  const Clock& clock_;
  const std::chrono::seconds ttl_;
  const std::size_t max_tickets_;
  Mutex mutex_;
  std::map<std::string, Held, std::less<>> tickets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace depcache
