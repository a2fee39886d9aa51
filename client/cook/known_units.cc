#include "client/cook/known_units.h"

#include <algorithm>

#include <sys/stat.h>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/cargo_fingerprint.h"
#include "cache/cargo/sip_hasher.h"
#include "cache/cargo/target_layout.h"
#include "cache/layer/unit_key.h"

namespace depcache::client {
namespace {

constexpr off_t kHashFileBytes = 16;
constexpr std::uint64_t kMaxFingerprintBytes = 512 << 10;

absl::StatusOr<Fingerprint> FingerprintOnDisk(const UnitPlan& plan, const PlannedUnit& unit,
                                              const MachineFolders& folders) {
  DEPCACHE_ASSIGN_OR_RETURN(
      const std::string json,
      ReadFile(folders.build_dir / LayoutOf(plan.layout).JsonFile(unit.place),
               kMaxFingerprintBytes));
  return ParseFingerprint(json);
}

// The fingerprint names the sources that this build compiles. With another
// CARGO_HOME than before it does not, and cargo builds the unit again.
bool HasSources(const UnitPlan& plan, const PlannedUnit& unit, const MachineFolders& folders) {
  if (unit.place.kind == UnitKind::kScriptRun) return true;
  const absl::StatusOr<Fingerprint> fingerprint = FingerprintOnDisk(plan, unit, folders);
  return fingerprint.ok() && fingerprint->path == PathHash(unit.target.src_path);
}

// The key that the unit has today, over dependencies that are all known.
bool HasKey(const PlannedUnit& unit, const UnitQuestion& question,
            const std::vector<std::optional<KnownUnit>>& known, const UnitKey& key) {
  if (!question.inputs) return false;
  std::vector<UnitRef> deps;
  for (const GraphDep& dep : unit.deps) deps.push_back(known[dep.unit]->ref);
  return UnitKeyOf(*question.inputs, std::move(deps)) == key;
}

}  // namespace

bool IsBuilt(const UnitPlan& plan, std::size_t unit, const MachineFolders& folders) {
  struct stat info {};
  const std::filesystem::path file =
      folders.build_dir / LayoutOf(plan.layout).HashFile(plan.units[unit].place);
  return stat(file.c_str(), &info) == 0 && info.st_size == kHashFileBytes;
}

bool HasOtherSources(const UnitPlan& plan, std::size_t unit, const MachineFolders& folders) {
  const PlannedUnit& planned = plan.units[unit];
  if (planned.place.kind == UnitKind::kScriptRun) return false;
  const absl::StatusOr<Fingerprint> fingerprint = FingerprintOnDisk(plan, planned, folders);
  if (!fingerprint.ok() || fingerprint->path == PathHash(planned.target.src_path)) return false;
  const absl::StatusOr<std::string> hash = ReadFile(
      folders.build_dir / LayoutOf(plan.layout).HashFile(planned.place), kHashFileBytes);
  return hash.ok() && *hash == HashText(FingerprintHash(*fingerprint));
}

std::vector<std::optional<KnownUnit>> FindKnownUnits(const UnitPlan& plan, const Stamps& stamps,
                                                     const MachineFolders& folders,
                                                     const std::vector<UnitQuestion>& questions) {
  std::vector<std::optional<KnownUnit>> known(plan.units.size());
  const TargetLayout& layout = LayoutOf(plan.layout);
  for (std::size_t i = 0; i < known.size(); ++i) {
    const PlannedUnit& unit = plan.units[i];
    if (!unit.is_eligible) continue;
    const auto stamp = stamps.find(layout.HashFile(unit.place));
    if (stamp == stamps.end() || !IsUnchanged(folders.build_dir, stamp->second)) continue;
    if (!HasSources(plan, unit, folders)) continue;
    const bool has_deps = std::all_of(unit.deps.begin(), unit.deps.end(),
                                      [&](const GraphDep& d) { return known[d.unit].has_value(); });
    if (!has_deps) continue;
    if (unit.package.kind == SourceKind::kDirectory &&
        !HasKey(unit, questions[i], known, stamp->second.ref.key)) {
      continue;
    }
    known[i] = KnownUnit{stamp->second.ref, stamp->second.record, stamp->second.fingerprint};
  }
  return known;
}

}  // namespace depcache::client
