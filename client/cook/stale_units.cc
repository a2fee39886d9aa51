#include "client/cook/stale_units.h"

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

// By plan index.
std::vector<bool> FindStale(const UnitPlan& plan, const MachineFolders& folders,
                            const Environment& environment) {
  const Stamps stamps = ReadStamps(folders.build_dir);
  const RootMap roots = folders.CommonRoots();
  const EnvLookup env = [&](const std::string& name) -> const char* {
    const auto entry = environment.find(name);
    return entry == environment.end() ? nullptr : entry->second.c_str();
  };
  std::vector<bool> is_stale(plan.units.size());
  for (std::size_t i = 0; i < is_stale.size(); ++i) {
    for (const GraphDep& dep : plan.units[i].deps) is_stale[i] = is_stale[i] || is_stale[dep.unit];
    const auto stamp = stamps.find(LayoutOf(plan.layout).HashFile(plan.units[i].place));
    if (is_stale[i] || stamp == stamps.end()) continue;
    is_stale[i] = IsUnchanged(folders.build_dir, stamp->second) &&
                  FailingPredicate(stamp->second.predicates, roots, env).has_value();
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
  const std::vector<bool> is_stale = FindStale(plan, folders, variables);
  std::vector<std::size_t> forgotten;
  std::vector<fs::path> out_dirs;
  std::set<std::string> profiles;
  for (std::size_t i = 0; i < is_stale.size(); ++i) {
    const PlannedUnit& unit = plan.units[i];
    if (!unit.is_eligible) continue;
    const bool is_built = IsBuilt(plan, i, folders);
    if (is_stale[i] && is_built) forgotten.push_back(i);
    const fs::path out_dir = folders.build_dir / layout.OutDir(unit.place);
    const bool will_run = unit.place.kind == UnitKind::kScriptRun && (is_stale[i] || !is_built);
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
