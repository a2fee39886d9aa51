#include "cache/engine/unit_reports.h"

#include <algorithm>

#include "cache/base/status.h"

namespace depcache {
namespace {

bool IsBy(const UnitReport& report, const std::string& principal) {
  return report.principal == principal;
}

std::int64_t Newest(const ReportedUnit& unit) {
  std::int64_t newest = unit.answered;
  for (const UnitReport& report : unit.reports) newest = std::max(newest, report.created);
  return newest;
}

}  // namespace

absl::Status UnitReports::Load() {
  {
    MutexLock lock(mutex_);
    if (is_loaded_) return absl::OkStatus();
  }
  std::map<UnitId, ReportedUnit> found;
  DEPCACHE_RETURN_IF_ERROR(catalog_->ScanReported([&](const ReportedUnit& unit) {
    found.emplace(UnitId{unit.scope, unit.unit}, unit);
    return true;
  }));
  MutexLock lock(mutex_);
  // Another call may have been faster, and written since.
  if (!is_loaded_) units_ = std::move(found);
  is_loaded_ = true;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<bool>> UnitReports::AreSuspended(const ScopeKey& scope,
                                                            std::span<const UnitRef> units) {
  DEPCACHE_RETURN_IF_ERROR(Load());
  std::vector<bool> are_suspended(units.size());
  MutexLock lock(mutex_);
  if (units_.empty()) return are_suspended;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto found = units_.find({scope, units[i]});
    are_suspended[i] = found != units_.end() && found->second.state == ReportState::kSuspended;
  }
  return are_suspended;
}

absl::StatusOr<bool> UnitReports::HasSuspended(const ScopeKey& scope) {
  DEPCACHE_RETURN_IF_ERROR(Load());
  MutexLock lock(mutex_);
  for (auto it = units_.lower_bound({scope, UnitRef{}});
       it != units_.end() && it->first.first == scope; ++it) {
    if (it->second.state == ReportState::kSuspended) return true;
  }
  return false;
}

absl::StatusOr<std::uint64_t> UnitReports::CountSuspended() {
  DEPCACHE_RETURN_IF_ERROR(Load());
  MutexLock lock(mutex_);
  return static_cast<std::uint64_t>(
      std::count_if(units_.begin(), units_.end(), [](const auto& entry) {
        return entry.second.state == ReportState::kSuspended;
      }));
}

absl::StatusOr<std::vector<ReportedUnit>> UnitReports::Suspended(const ScopeKey& scope) {
  DEPCACHE_RETURN_IF_ERROR(Load());
  std::vector<ReportedUnit> suspended;
  MutexLock lock(mutex_);
  for (auto it = units_.lower_bound({scope, UnitRef{}});
       it != units_.end() && it->first.first == scope; ++it) {
    if (it->second.state == ReportState::kSuspended) suspended.push_back(it->second);
  }
  return suspended;
}

absl::StatusOr<std::uint32_t> UnitReports::Lift(const ScopeKey& scope, const UnitKey& key) {
  MutexLock writing(writing_);
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<ReportedUnit> suspended, Suspended(scope));
  std::uint32_t lifted = 0;
  for (ReportedUnit& reported : suspended) {
    if (reported.unit.key != key) continue;
    reported.state = ReportState::kAnswered;
    reported.answered = UnixSeconds(clock_.Now());
    DEPCACHE_RETURN_IF_ERROR(Keep(reported));
    ++lifted;
  }
  return lifted;
}

absl::StatusOr<bool> UnitReports::IsEmpty() {
  DEPCACHE_RETURN_IF_ERROR(Load());
  MutexLock lock(mutex_);
  return units_.empty();
}

ReportedUnit UnitReports::Find(const ScopeKey& scope, const UnitRef& unit) {
  MutexLock lock(mutex_);
  const auto found = units_.find({scope, unit});
  if (found != units_.end()) return found->second;
  ReportedUnit reported;
  reported.scope = scope;
  reported.unit = unit;
  return reported;
}

std::uint32_t UnitReports::CountRecent(const std::string& principal, std::int64_t since) {
  std::uint32_t count = 0;
  MutexLock lock(mutex_);
  for (const auto& [id, unit] : units_) {
    for (const UnitReport& report : unit.reports) {
      if (report.principal == principal && report.created > since) ++count;
    }
  }
  return count;
}

absl::Status UnitReports::Keep(const ReportedUnit& reported) {
  DEPCACHE_RETURN_IF_ERROR(catalog_->PutReported(reported));
  MutexLock lock(mutex_);
  units_[{reported.scope, reported.unit}] = reported;
  return absl::OkStatus();
}

// For one unit more: drops what was said longest ago of a unit that is served.
absl::Status UnitReports::MakeRoom() {
  UnitId oldest;
  {
    MutexLock lock(mutex_);
    if (units_.size() < options_.max_units) return absl::OkStatus();
    const ReportedUnit* dropped = nullptr;
    for (const auto& [id, unit] : units_) {
      if (unit.state == ReportState::kSuspended) continue;
      if (dropped == nullptr || Newest(unit) < Newest(*dropped)) dropped = &unit;
    }
    if (dropped == nullptr) {
      return ResourceExhausted("{} units are suspended already", units_.size());
    }
    oldest = {dropped->scope, dropped->unit};
  }
  DEPCACHE_RETURN_IF_ERROR(catalog_->EraseReported(oldest.first, oldest.second));
  MutexLock lock(mutex_);
  units_.erase(oldest);
  return absl::OkStatus();
}

bool UnitReports::IsConfirmed(const ReportedUnit& reported, const UnitEntry& entry,
                              const ReportToJudge& report) const {
  if (report.is_admin || report.principal == entry.principal) return true;
  const auto counting = std::count_if(
      reported.reports.begin(), reported.reports.end(),
      [&](const UnitReport& r) { return reported.answered == 0 || r.created > reported.answered; });
  return counting >= static_cast<std::ptrdiff_t>(options_.confirmations);
}

absl::StatusOr<bool> UnitReports::Hear(const ScopeKey& scope, const UnitEntry& entry,
                                       const ReportToJudge& report) {
  DEPCACHE_RETURN_IF_ERROR(Load());
  MutexLock writing(writing_);
  ReportedUnit reported = Find(scope, entry.ref);
  if (reported.state == ReportState::kSuspended) return true;
  std::vector<UnitReport>& reports = reported.reports;
  const auto same = std::find_if(reports.begin(), reports.end(), [&](const UnitReport& r) {
    return IsBy(r, report.principal);
  });
  const std::int64_t now = UnixSeconds(clock_.Now());
  if (!report.is_admin) {
    // Who was heard and answered has no more to say of this unit.
    if (same != reports.end() || reports.size() == kMaxUnitReports) return false;
    if (CountRecent(report.principal, now - options_.budget_time.count()) >= options_.budget) {
      return ResourceExhausted("{} has reported {} units within a day, which is the limit",
                               report.principal, options_.budget);
    }
  }
  if (reports.empty()) DEPCACHE_RETURN_IF_ERROR(MakeRoom());
  const UnitReport heard{report.principal, report.reason, report.text, now};
  if (same != reports.end()) {
    *same = heard;
  } else if (reports.size() == kMaxUnitReports) {
    reports.back() = heard;
  } else {
    reports.push_back(heard);
  }
  if (IsConfirmed(reported, entry, report)) reported.state = ReportState::kSuspended;
  DEPCACHE_RETURN_IF_ERROR(Keep(reported));
  return reported.state == ReportState::kSuspended;
}

absl::StatusOr<bool> UnitReports::Answer(const ScopeKey& scope, const UnitEntry& entry,
                                         const std::string& principal) {
  DEPCACHE_RETURN_IF_ERROR(Load());
  MutexLock writing(writing_);
  ReportedUnit reported = Find(scope, entry.ref);
  if (reported.reports.empty() || reported.state == ReportState::kAnswered) return false;
  const bool has_reported =
      std::any_of(reported.reports.begin(), reported.reports.end(),
                  [&](const UnitReport& r) { return IsBy(r, principal); });
  // Who committed it first, and does so again, says nothing new.
  if (principal == entry.principal && !has_reported) return false;
  reported.state = ReportState::kAnswered;
  reported.answered = UnixSeconds(clock_.Now());
  DEPCACHE_RETURN_IF_ERROR(Keep(reported));
  return true;
}

}  // namespace depcache
