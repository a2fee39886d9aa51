#include "client/restore/local_fingerprint.h"

#include <map>

#include "cache/base/status.h"
#include "cache/cargo/sip_hasher.h"
#include "cache/layer/rooted_text.h"

namespace depcache::client {
namespace {

absl::StatusOr<LocalUnit> Localize(const UnitRecord& record, const MachineFolders& folders,
                                   const std::map<UnitRef, std::uint64_t>& hashes) {
  DEPCACHE_ASSIGN_OR_RETURN(const RootMap roots, folders.RootsFor(record.package));
  DEPCACHE_ASSIGN_OR_RETURN(Fingerprint stored, ParseFingerprint(record.fingerprint));
  DEPCACHE_ASSIGN_OR_RETURN(
      stored, MapTexts(std::move(stored), [&](FingerprintText, std::string_view text) {
        return FromRooted(text, roots);
      }));
  if (record.place.kind != UnitKind::kScriptRun) {
    DEPCACHE_ASSIGN_OR_RETURN(const auto package_root, folders.PackageRoot(record.package));
    stored.path = PathHash((package_root / record.source_path).native());
  }
  for (const UnitRef& dep : record.deps) {
    if (!hashes.contains(dep)) return InvalidArgument("a dependency does not come before it");
  }
  for (FingerprintDep& dep : stored.deps) {
    if (dep.hash >= record.deps.size()) return InvalidArgument("a dependency is not listed");
    dep.hash = hashes.at(record.deps[dep.hash]);
  }
  LocalUnit unit{std::move(stored), 0};
  unit.hash = FingerprintHash(unit.fingerprint);
  return unit;
}

}  // namespace

absl::StatusOr<std::vector<LocalUnit>> LocalFingerprints(std::span<const UnitRecord> records,
                                                         const MachineFolders& folders) {
  std::vector<LocalUnit> units;
  units.reserve(records.size());
  std::map<UnitRef, std::uint64_t> hashes;
  for (const UnitRecord& record : records) {
    absl::StatusOr<LocalUnit> unit = Localize(record, folders, hashes);
    if (!unit.ok()) {
      return Annotate(unit.status(),
                      fmt::format("unit of {} {}", record.package.name, record.package.version));
    }
    hashes.emplace(UnitRef{record.key, OutputOf(record)}, unit->hash);
    units.push_back(*std::move(unit));
  }
  return units;
}

}  // namespace depcache::client
