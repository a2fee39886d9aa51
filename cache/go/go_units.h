// A Go layer's units (cache/layer/unit_record.h, LayoutKind::kGo). There are
// two sorts:
//
//   a module    files of GOMODCACHE: .mod, .info, .zip, .ziphash
//   a package   entries of GOCACHE: the action that compiled it, what that
//               printed, the files it made for cgo, with their outputs
//
// A wrong entry of a build cache is never looked at, since the action's ID
// names all that went into it; a wrong module is refused by go.sum.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/go/go_sum.h"
#include "cache/layer/unit_key.h"
#include "cache/layer/unit_record.h"
#include "cache/recipe/recipe.h"

namespace depcache {

// The version of what belongs to the toolchain.
inline constexpr std::string_view kStandardVersion = "std";

// One version of a module, as the module cache has it: of a replaced module
// the one in its place.
struct GoModuleId {
  std::string path;     // "" for the standard library
  std::string version;  // kStandardVersion likewise
  friend auto operator<=>(const GoModuleId&, const GoModuleId&) = default;
};

// A package that is compiled once for everybody.
struct GoPackage {
  std::string import_path;
  GoModuleId module;
  // The module as importers name it, if another stands in its place.
  GoModuleId replaced;
};

// Names a module's files before anybody has them: by what go.sum says.
UnitInputs GoModuleInputs(const GoModuleId& module, const GoModuleSums& sums);

// Names a package's entries by toolchain, module and import path; what it
// imports comes in by the unit key's dependencies.
UnitInputs GoPackageInputs(const Recipe& recipe, const GoPackage& package,
                           const GoModuleSums& sums);

// An empty record. `deps` in any order. Of a module: without import path.
UnitRecord GoRecord(const UnitInputs& inputs, const GoPackage& package, std::vector<UnitRef> deps);

}  // namespace depcache
