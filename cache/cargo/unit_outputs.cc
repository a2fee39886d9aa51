#include "cache/cargo/unit_outputs.h"

#include <algorithm>

namespace depcache {
namespace {

bool HasCrateType(const PlannedUnit& unit, std::string_view type) {
  const std::vector<std::string>& types = unit.target.crate_types;
  return std::find(types.begin(), types.end(), type) != types.end();
}

std::vector<UnitOutput> LibraryOutputs(const PlannedUnit& unit) {
  std::vector<UnitOutput> outputs = {{FileRole::kDepInfo, "", false}};
  if (unit.mode == UnitMode::kCheck) {
    outputs.push_back({FileRole::kRmeta, "", false});
    return outputs;
  }
  const bool is_rlib = HasCrateType(unit, "lib") || HasCrateType(unit, "rlib");
  const bool is_dynamic = HasCrateType(unit, "dylib") || HasCrateType(unit, "cdylib");
  const bool is_static = HasCrateType(unit, "staticlib");
  if (is_rlib) outputs.push_back({FileRole::kRlib, "", false});
  if (is_dynamic) outputs.push_back({FileRole::kSharedObject, "", false});
  if (is_static) outputs.push_back({FileRole::kStaticArchive, "", false});
  // Dependents start on the metadata before the rlib is there, unless a crate
  // type needs the objects of what it stands on. Cargos which keep metadata
  // out of libraries (-Zembed-metadata=no) write it in that case as well.
  const bool needs_objects = is_dynamic || is_static;
  outputs.push_back({FileRole::kRmeta, "", /*is_optional=*/needs_objects});
  return outputs;
}

}  // namespace

std::vector<UnitOutput> OutputsOf(const PlannedUnit& unit) {
  switch (unit.place.kind) {
    case UnitKind::kLib:
    case UnitKind::kDynamicLib:
      return LibraryOutputs(unit);
    case UnitKind::kProcMacro:
      if (unit.mode == UnitMode::kCheck) return LibraryOutputs(unit);
      return {{FileRole::kDepInfo, "", false}, {FileRole::kSharedObject, "", false}};
    case UnitKind::kScriptBuild:
      return {{FileRole::kDepInfo, "", false}, {FileRole::kScriptExe, "", false}};
    case UnitKind::kScriptRun:
      return {{FileRole::kStdout, "", false}, {FileRole::kOutDirEntry, "", false}};
    case UnitKind::kOther:
    case UnitKind::kGo:
      return {};
  }
  return {};
}

bool HasDwarfObjects(const PlannedUnit& unit, const std::vector<std::string>& rustflags) {
  if (unit.profile.split_debuginfo == "unpacked") return true;
  return std::any_of(rustflags.begin(), rustflags.end(), [](const std::string& flag) {
    return flag.ends_with("split-debuginfo=unpacked");
  });
}

}  // namespace depcache
