// Reports of LayerCache: what is held against units, and what follows.

#include <algorithm>

#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/engine/layer_cache.h"
#include "cache/engine/layer_contents.h"

namespace depcache {
namespace {

constexpr std::size_t kMaxTextBytes = 1024;

// Text of a caller for a line of the log.
std::string OneLine(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return line;
}

}  // namespace

absl::StatusOr<bool> LayerCache::ReportUnit(const CallScope& scope, const UnitRef& unit,
                                            ReportReason reason, std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return InvalidArgument("the text of a report has {} bytes, the limit is {}", text.size(),
                           kMaxTextBytes);
  }
  bool is_known = false;
  bool is_suspended = false;
  for (std::size_t i = 0; i < scope.keys.size(); ++i) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::optional<UnitEntry> entry,
                              FindEntry(scope.keys[i], unit));
    if (!entry) continue;
    is_known = true;
    DEPCACHE_ASSIGN_OR_RETURN(
        const bool is_suspended_here,
        reports_.Hear(scope.keys[i], *entry,
                      {scope.principal, scope.is_admin, reason, std::string(text)}));
    is_suspended = is_suspended || is_suspended_here;
    Log(LogLevel::kWarn, "unit {} of {} in scope {} was reported by {} (reason {}){}: {}",
        unit.key.ToShortHex(), entry->principal, scope.names[i], scope.principal,
        static_cast<int>(reason), is_suspended_here ? " and is not served any more" : "",
        OneLine(text));
  }
  if (!is_known) return NotFound("no unit {} with this output", unit.key.ToShortHex());
  counters_.Add(Count::kReports);
  return is_suspended;
}

absl::StatusOr<std::optional<UnitEntry>> LayerCache::FindEntry(const ScopeKey& scope,
                                                               const UnitRef& unit) {
  DEPCACHE_ASSIGN_OR_RETURN(const auto found, store_.catalog->FindUnits(scope, {&unit.key, 1}));
  for (const UnitEntry& entry : found[0]) {
    if (entry.ref == unit) return entry;
  }
  return std::nullopt;
}

absl::Status LayerCache::DropSuspended(const ScopeKey& scope,
                                       std::vector<std::vector<UnitEntry>>& entries) {
  DEPCACHE_ASSIGN_OR_RETURN(const bool has_any, reports_.HasSuspended(scope));
  if (!has_any) return absl::OkStatus();
  for (std::vector<UnitEntry>& of_key : entries) {
    std::vector<UnitRef> refs;
    for (const UnitEntry& entry : of_key) refs.push_back(entry.ref);
    DEPCACHE_ASSIGN_OR_RETURN(const std::vector<bool> are, reports_.AreSuspended(scope, refs));
    std::size_t next = 0;
    std::erase_if(of_key, [&](const UnitEntry&) { return are[next++]; });
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> LayerCache::NamesSuspended(const ScopeKey& scope, const LayerRecord& layer,
                                                BlobView& view) {
  DEPCACHE_ASSIGN_OR_RETURN(const bool has_any, reports_.HasSuspended(scope));
  if (!has_any) return false;
  DEPCACHE_ASSIGN_OR_RETURN(const LayerIndex index, ReadIndex(view, layer.index));
  std::vector<UnitRef> refs;
  for (const LayerUnit& unit : index.units) refs.push_back(unit.ref);
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<bool> are, reports_.AreSuspended(scope, refs));
  return std::find(are.begin(), are.end(), true) != are.end();
}

absl::StatusOr<std::vector<SuspendedUnit>> LayerCache::ListSuspended(const CallScope& scope) {
  DEPCACHE_RETURN_IF_ERROR(CheckAdmin(scope));
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<ReportedUnit> suspended,
                            reports_.Suspended(scope.keys[0]));
  const std::shared_ptr<BlobView> view = store_.blobs->OpenView();
  std::vector<SuspendedUnit> units;
  for (ReportedUnit& reported : suspended) {
    SuspendedUnit unit;
    DEPCACHE_ASSIGN_OR_RETURN(const std::optional<UnitEntry> entry,
                              FindEntry(scope.keys[0], reported.unit));
    if (entry) {
      unit.principal = entry->principal;
      const PlainBlobs plain = ReadPlain(*view, {&entry->record, 1});
      absl::StatusOr<UnitRecord> record = DecodeUnitRecord(plain.bytes[0]);
      if (record.ok()) unit.package = std::move(record->package);
    }
    // Whoever reads this may do so on a terminal.
    for (UnitReport& report : reported.reports) report.text = OneLine(report.text);
    unit.reported = std::move(reported);
    units.push_back(std::move(unit));
  }
  return units;
}

absl::StatusOr<std::uint32_t> LayerCache::ServeUnits(const CallScope& scope, const UnitKey& key) {
  DEPCACHE_RETURN_IF_ERROR(CheckAdmin(scope));
  DEPCACHE_ASSIGN_OR_RETURN(const std::uint32_t served, reports_.Lift(scope.keys[0], key));
  Log(LogLevel::kInfo, "{} outputs of unit {} in scope {} are served again, says {}", served,
      key.ToShortHex(), scope.names[0], scope.principal);
  return served;
}

absl::Status LayerCache::AnswerReports(const CommitBatch& batch) {
  DEPCACHE_ASSIGN_OR_RETURN(const bool has_none, reports_.IsEmpty());
  if (has_none) return absl::OkStatus();
  for (const UnitEntry& unit : batch.units) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::optional<UnitEntry> before,
                              FindEntry(batch.scope, unit.ref));
    if (!before) continue;
    DEPCACHE_ASSIGN_OR_RETURN(const bool is_answered,
                              reports_.Answer(batch.scope, *before, unit.principal));
    // The bytes are the same; the fingerprint and the predicates of the record
    // may be what was wrong.
    if (is_answered) DEPCACHE_RETURN_IF_ERROR(store_.catalog->EraseUnit(batch.scope, unit.ref));
  }
  return absl::OkStatus();
}

}  // namespace depcache
