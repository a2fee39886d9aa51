#include "client/cook/audit_report.h"

#include <algorithm>
#include <array>
#include <vector>

#include "cache/base/text.h"

namespace depcache::client {
namespace {

// Cargo compared times: those we set, or of a file that changed here.
constexpr std::array<std::string_view, 2> kOfThisDisk = {"FsStatusOutdated(StaleDependency",
                                                         "FsStatusOutdated(StaleItem(ChangedFile"};

bool IsOfThisDisk(const AccusedUnit& unit) {
  if (unit.reason == ReportReason::kUnusable) return unit.has_same_output;
  return std::any_of(kOfThisDisk.begin(), kOfThisDisk.end(),
                     [&](std::string_view start) { return unit.text.starts_with(start); });
}

// What may be sent as text.
std::string Sendable(std::string text) {
  if (IsUtf8(text)) return text;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

}  // namespace

void ReportAccused(RemoteCache& remote, bool may_write, CookSummary& summary) {
  std::vector<UnitToCommit> again;
  for (AccusedUnit& unit : summary.accused) {
    if (unit.is_reported || !unit.was_restored || IsOfThisDisk(unit)) continue;
    unit.is_reported = remote.ReportUnit(unit.ref, unit.reason, Sendable(unit.text)).ok();
    if (unit.is_reported && unit.has_same_output && unit.record_now) {
      again.push_back({unit.ref, *unit.record_now});
    }
  }
  if (may_write && !again.empty()) remote.CommitUnits(again, {}).IgnoreError();
}

}  // namespace depcache::client
