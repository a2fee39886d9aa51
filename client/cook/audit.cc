#include "client/cook/audit.h"

#include <algorithm>
#include <set>

#include <unistd.h>

#include "cache/base/status.h"
#include "cache/cargo/target_layout.h"
#include "client/cargo/build_lock.h"

namespace depcache::client {
namespace {

constexpr std::string_view kNoReason = "cargo gave no reason";

std::string ReasonOf(const PlannedUnit& unit, std::span<const StaleReason> stale) {
  const bool is_run = unit.place.kind == UnitKind::kScriptRun;
  for (const StaleReason& reason : stale) {
    if (reason.package == unit.package.name && reason.version == unit.package.version &&
        reason.target == unit.target.name && reason.is_run == is_run) {
      return reason.text;
    }
  }
  return std::string(kNoReason);
}

}  // namespace

Audit::Audit(const UnitPlan& plan, const MachineFolders& folders,
             std::span<const std::optional<KnownUnit>> known,
             const std::map<std::string, UnitRef>& vouched)
    : plan_(plan),
      folders_(folders),
      known_(known.begin(), known.end()),
      is_restored_(plan.units.size()),
      before_(plan.units.size()) {
  for (std::size_t i = 0; i < plan.units.size(); ++i) {
    before_[i] = StateOf(i);
    const auto entry = vouched.find(LayoutOf(plan.layout).HashFile(plan.units[i].place));
    is_restored_[i] = known_[i] && entry != vouched.end() && entry->second == known_[i]->ref;
  }
}

std::optional<HashFileState> Audit::StateOf(std::size_t unit) const {
  return ReadHashFileState(folders_.build_dir /
                           LayoutOf(plan_.layout).HashFile(plan_.units[unit].place));
}

std::vector<std::size_t> Audit::FindBroken(std::span<const LoadError> errors) const {
  std::vector<std::size_t> broken;
  for (std::size_t i = 0; i < plan_.units.size(); ++i) {
    if (known_[i] && !ErrorOf(i, errors).empty()) broken.push_back(i);
  }
  return broken;
}

std::string Audit::ErrorOf(std::size_t unit, std::span<const LoadError> errors) const {
  const UnitPlace& place = plan_.units[unit].place;
  for (const LoadError& error : errors) {
    if (error.crates.contains(place.crate_name) || error.hashes.contains(place.hash)) {
      return error.text;
    }
  }
  return "";
}

absl::StatusOr<std::size_t> Audit::Wipe(Context& context, std::span<const std::size_t> units,
                                        Stamps& stamps) const {
  std::vector<bool> is_wiped(plan_.units.size());
  for (const std::size_t unit : units) is_wiped[unit] = true;
  std::set<std::string> profiles;
  for (std::size_t i = 0; i < plan_.units.size(); ++i) {
    for (const GraphDep& dep : plan_.units[i].deps) {
      if (is_wiped[dep.unit] && known_[i]) is_wiped[i] = true;
    }
    profiles.insert(TargetLayout::ProfileRoot(plan_.units[i].place));
  }
  DEPCACHE_ASSIGN_OR_RETURN(
      const BuildLock lock,
      BuildLock::Acquire(folders_.build_dir, {profiles.begin(), profiles.end()},
                         context.config.lock_bound, [&] {
                           context.terminal.Say("waiting for another cargo in this build directory");
                         }));
  std::size_t count = 0;
  for (std::size_t i = 0; i < is_wiped.size(); ++i) {
    if (!is_wiped[i]) continue;
    const auto stamp = stamps.find(LayoutOf(plan_.layout).HashFile(plan_.units[i].place));
    if (stamp == stamps.end()) continue;
    // The hash file comes first: a crash leaves a stale unit.
    for (const StampedFile& file : stamp->second.files) {
      unlink((folders_.build_dir / file.path).c_str());
    }
    stamps.erase(stamp);
    ++count;
  }
  return count;
}

AccusedUnit Audit::AccusedOf(std::size_t unit, ReportReason reason, std::string text,
                             std::span<const std::optional<KnownUnit>> now) const {
  AccusedUnit accused;
  accused.package = plan_.units[unit].package.name;
  accused.version = plan_.units[unit].package.version;
  accused.reason = reason;
  accused.text = std::move(text);
  accused.ref = known_[unit]->ref;
  accused.was_restored = is_restored_[unit];
  if (!now[unit]) return accused;
  accused.has_same_output = now[unit]->ref == known_[unit]->ref;
  accused.record_now = now[unit]->record;
  return accused;
}

std::vector<AccusedUnit> Audit::Accuse(std::span<const StaleReason> stale,
                                       const std::map<std::size_t, std::string>& broken,
                                       std::span<const std::optional<KnownUnit>> now) const {
  std::vector<AccusedUnit> accused;
  std::vector<bool> was_compiled(plan_.units.size());
  for (std::size_t i = 0; i < plan_.units.size(); ++i) {
    was_compiled[i] = WasCompiled(i);
    const auto error = broken.find(i);
    if (error != broken.end()) {
      accused.push_back(AccusedOf(i, ReportReason::kUnusable, error->second, now));
      continue;
    }
    if (!is_restored_[i] || !was_compiled[i]) continue;
    const bool had_to_be =
        std::any_of(plan_.units[i].deps.begin(), plan_.units[i].deps.end(),
                    [&](const GraphDep& dep) { return was_compiled[dep.unit]; });
    if (!had_to_be) {
      accused.push_back(AccusedOf(i, ReportReason::kStale, ReasonOf(plan_.units[i], stale), now));
    }
  }
  return accused;
}

}  // namespace depcache::client
