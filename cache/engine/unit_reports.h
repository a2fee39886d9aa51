// Which units are held to be no good, and which of them are therefore not
// served. The rules, with their reasons, are in docs/security.md.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/clock.h"
#include "cache/base/mutex.h"
#include "cache/store/catalog.h"

namespace depcache {

// Who reports, and what.
struct ReportToJudge {
  std::string principal;
  bool is_admin = false;
  ReportReason reason = ReportReason::kStale;
  std::string text;
};

// Thread-safe. Errors of every method, besides those listed: UNAVAILABLE (what
// is kept of reports cannot be read).
class UnitReports {
 public:
  struct Options {
    // New reports of one principal within `budget_time`, admins aside.
    std::uint32_t budget = 32;
    std::chrono::seconds budget_time{24 * 3600};
    // So many principals confirm each other.
    std::uint32_t confirmations = 2;
    std::size_t max_units = 10'000;
  };

  // `clock` must outlive this object. Reads the catalog when it is first asked.
  UnitReports(std::shared_ptr<Catalog> catalog, const Clock& clock, const Options& options)
      : catalog_(std::move(catalog)), clock_(clock), options_(options) {}

  // For each unit whether it is suspended in `scope`.
  absl::StatusOr<std::vector<bool>> AreSuspended(const ScopeKey& scope,
                                                 std::span<const UnitRef> units);
  // False: AreSuspended would say so of any.
  absl::StatusOr<bool> HasSuspended(const ScopeKey& scope);
  // Of all scopes.
  absl::StatusOr<std::uint64_t> CountSuspended();
  // In the order of keys and outputs.
  absl::StatusOr<std::vector<ReportedUnit>> Suspended(const ScopeKey& scope);
  // Nothing was ever reported: there is nothing to answer.
  absl::StatusOr<bool> IsEmpty();

  // Hears a report of a unit that `scope` has, as `entry`; whether the unit is
  // suspended now. Durable when it returns.
  // Errors: RESOURCE_EXHAUSTED (the budget, or too many units; nothing is
  // recorded).
  absl::StatusOr<bool> Hear(const ScopeKey& scope, const UnitEntry& entry,
                            const ReportToJudge& report);

  // `principal` commits the very output of `entry` again. True if that answers
  // what was reported of it: then it is served, as it is committed now.
  absl::StatusOr<bool> Answer(const ScopeKey& scope, const UnitEntry& entry,
                              const std::string& principal);

  // Whoever may decides that the suspended outputs of a key are good: they are
  // served again, as if each had been answered. How many there were.
  absl::StatusOr<std::uint32_t> Lift(const ScopeKey& scope, const UnitKey& key);

 private:
  using UnitId = std::pair<ScopeKey, UnitRef>;

  absl::Status Load();
  absl::Status Keep(const ReportedUnit& reported) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  absl::Status MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  ReportedUnit Find(const ScopeKey& scope, const UnitRef& unit);
  std::uint32_t CountRecent(const std::string& principal, std::int64_t since);
  bool IsConfirmed(const ReportedUnit& reported, const UnitEntry& entry,
                   const ReportToJudge& report) const;

  const std::shared_ptr<Catalog> catalog_;
  const Clock& clock_;
  const Options options_;

  Mutex writing_;  // one change at a time; taken before mutex_
  Mutex mutex_;
  bool is_loaded_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<UnitId, ReportedUnit> units_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace depcache
