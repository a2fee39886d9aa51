#include "cache/go/go_units.h"

#include <algorithm>

namespace depcache {
namespace {

std::string TextOf(const GoModuleId& module) {
  return module.path.empty() ? module.version : module.path + "@" + module.version;
}

// In the order Go writes them; "-" where go.sum has no line.
std::string TextOf(const GoModuleSums& sums) {
  return (sums.zip ? SumText(*sums.zip) : "-") + "\n" + (sums.mod ? SumText(*sums.mod) : "-");
}

}  // namespace

UnitInputs GoModuleInputs(const GoModuleId& module, const GoModuleSums& sums) {
  return UnitInputsOf({{"kind", "go-module"}, {"module", TextOf(module)}, {"sum", TextOf(sums)}});
}

UnitInputs GoPackageInputs(const Recipe& recipe, const GoPackage& package,
                           const GoModuleSums& sums) {
  UnitKeyParts parts;
  for (const auto& [name, value] : recipe.parts()) {
    if (name != "imports" && !name.starts_with("module.")) parts.emplace(name, value);
  }
  parts["kind"] = "go-package";
  parts["import"] = package.import_path;
  parts["module"] = TextOf(package.module);
  parts["replaced"] = TextOf(package.replaced);
  parts["sum"] = TextOf(sums);
  return UnitInputsOf(parts);
}

UnitRecord GoRecord(const UnitInputs& inputs, const GoPackage& package, std::vector<UnitRef> deps) {
  std::sort(deps.begin(), deps.end());
  deps.erase(std::unique(deps.begin(), deps.end()), deps.end());
  UnitRecord record;
  record.layout = LayoutKind::kGo;
  record.key = UnitKeyOf(inputs, deps);
  record.package.name = package.import_path.empty() ? package.module.path : package.import_path;
  record.package.version = package.module.version;
  record.package.source = package.module.path;
  record.place.kind = UnitKind::kGo;
  record.deps = std::move(deps);
  return record;
}

}  // namespace depcache
