#include "client/cook/stale_units.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "cache/cargo/target_layout.h"
#include "client/capture/declared_inputs.h"
#include "client/cargo/build_lock.h"
#include "client/cook/known_units.h"
#include "client/cook/stamp.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

// What was stamped, and is not of the values of now.
class Predicates {
 public:
  Predicates(const UnitPlan& plan, const MachineFolders& folders, const Environment& environment)
      : plan_(plan),
        build_dir_(folders.build_dir),
        env_(LookupIn(environment)),
        stamps_(ReadStamps(folders.build_dir)),
        roots_(folders.CommonRoots()) {}

  bool Fail(const PlannedUnit& unit) const {
    const auto stamp = stamps_.find(LayoutOf(plan_.layout).HashFile(unit.place));
    if (stamp == stamps_.end() || !IsUnchanged(build_dir_, stamp->second)) return false;
    return FailingPredicate(stamp->second.predicates, roots_, env_).has_value();
  }

 private:
  const UnitPlan& plan_;
  const fs::path& build_dir_;
  const EnvLookup env_;
  const Stamps stamps_;
  const RootMap roots_;
};

// By plan index: of what is built, it and what stands on it will be built again.
std::vector<bool> FindStale(const UnitPlan& plan, const MachineFolders& folders,
                            const Environment& environment, const std::vector<bool>& is_built) {
  const Predicates predicates(plan, folders, environment);
  std::vector<bool> is_stale(plan.units.size());
  for (std::size_t i = 0; i < is_stale.size(); ++i) {
    const PlannedUnit& unit = plan.units[i];
    is_stale[i] =
        std::any_of(unit.deps.begin(), unit.deps.end(),
                    [&](const GraphDep& dep) {
                      return is_stale[dep.unit] ||
                             (plan.units[dep.unit].is_eligible && !is_built[dep.unit]);
                    }) ||
        (unit.is_eligible && is_built[i] &&
         (HasOtherSources(plan, i, folders) || predicates.Fail(unit)));
  }
  return is_stale;
}

void RemoveBelow(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    entries.push_back(entry.path());
  }
  for (const fs::path& entry : entries) fs::remove_all(entry, error);
}

}  // namespace

std::size_t ForgetStaleUnits(Context& context, const UnitPlan& plan, const MachineFolders& folders,
                             const Environment& variables) {
  std::error_code error;
  if (!fs::exists(folders.build_dir, error)) return 0;
  const TargetLayout& layout = LayoutOf(plan.layout);
  std::vector<bool> is_built;
  for (std::size_t i = 0; i < plan.units.size(); ++i) is_built.push_back(IsBuilt(plan, i, folders));
  const std::vector<bool> is_stale = FindStale(plan, folders, variables, is_built);
  std::vector<std::size_t> forgotten;
  std::vector<fs::path> out_dirs;
  std::set<std::string> profiles;
  for (std::size_t i = 0; i < is_stale.size(); ++i) {
    const PlannedUnit& unit = plan.units[i];
    if (!unit.is_eligible) continue;
    if (is_stale[i] && is_built[i]) forgotten.push_back(i);
    const fs::path out_dir = folders.build_dir / layout.OutDir(unit.place);
    const bool will_run = unit.place.kind == UnitKind::kScriptRun && (is_stale[i] || !is_built[i]);
    if (will_run && fs::exists(out_dir, error)) out_dirs.push_back(out_dir);
    profiles.insert(TargetLayout::ProfileRoot(unit.place));
  }
  if (forgotten.empty() && out_dirs.empty()) return 0;
  const absl::StatusOr<BuildLock> lock = BuildLock::Acquire(
      folders.build_dir, {profiles.begin(), profiles.end()}, context.config.lock_bound, [] {});
  if (!lock.ok()) return 0;
  for (const std::size_t i : forgotten) {
    fs::remove(folders.build_dir / layout.HashFile(plan.units[i].place), error);
  }
  for (const fs::path& out_dir : out_dirs) RemoveBelow(out_dir);
  return forgotten.size();
}

}  // namespace depcache::client
