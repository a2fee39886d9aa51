#include "client/capture/unit_keys.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cache/base/text.h"
#include "cache/cargo/target_layout.h"

namespace depcache::client {
namespace {

// Crates that build scripts use to compile or find native code.
constexpr std::array<std::string_view, 14> kNativeTools = {
    "cc",         "cmake",      "bindgen",       "pkg-config", "vcpkg",     "autotools",  "nasm-rs",
    "system-deps", "prost-build", "protobuf-src", "autocfg-cc", "meson",     "cxx-build",  "openssl-src"};

// Parts of the recipe that reach every compile.
constexpr std::array<std::string_view, 8> kCommonParts = {
    "rustc",     "rustc.digest",    "rustc.wrapper",      "cargo",
    "rustflags", "config.unstable", "selection.unstable", "host.linker-path"};

// Parts that reach what is linked: the linker and how it is called.
constexpr std::array<std::string_view, 4> kLinkerParts = {"host.cc", "host.linker", "config.target",
                                                          "config.host"};

template <typename Names>
void Take(const Recipe& recipe, const Names& names, UnitKeyParts& parts) {
  for (const std::string_view name : names) {
    const auto part = recipe.parts().find(name);
    if (part != recipe.parts().end()) parts[std::string(name)] = part->second;
  }
}

void TakeFamily(const Recipe& recipe, std::string_view prefix, UnitKeyParts& parts) {
  for (auto it = recipe.parts().lower_bound(prefix);
       it != recipe.parts().end() && it->first.starts_with(prefix); ++it) {
    parts[it->first] = it->second;
  }
}

// With --target, flags are for the target: what is built for the host goes
// without. Unless Cargo was asked to do otherwise, which is unstable.
bool IsFreeOfFlags(const PlannedUnit& unit, const Recipe& recipe) {
  const auto has = [&](const char* part) { return recipe.parts().contains(part); };
  if (!unit.place.triple.empty() || !has("targets")) return false;
  return !has("config.host") && !has("config.target-applies-to-host") && !has("config.unstable") &&
         !has("selection.unstable") && !has("env.CARGO_TARGET_APPLIES_TO_HOST");
}

// Which linker is configured: Cargo compares it for units that are not linked too.
void TakeLinkers(const Recipe& recipe, UnitKeyParts& parts) {
  std::string linkers;
  for (const auto& [name, value] : recipe.parts()) {
    if (name.starts_with("env.CARGO_") && name.ends_with("_LINKER")) {
      linkers += fmt::format("{} = {}\n", name, value);
    }
    if (name != "config.target" && name != "config.host") continue;
    for (const std::string& line : Split(value, '\n')) {
      if (line.find("linker = ") != std::string::npos) linkers += line + '\n';
    }
  }
  if (!linkers.empty()) parts["linkers"] = linkers;
}

// Variables of C compilers and their like, which few build scripts declare: CPATH.
void TakeToolVariables(const Recipe& recipe, UnitKeyParts& parts) {
  for (const auto& [name, value] : recipe.parts()) {
    if (name.starts_with("env.") && !name.starts_with("env.CARGO_")) parts[name] = value;
  }
}

bool IsLinked(UnitKind kind) {
  return kind == UnitKind::kProcMacro || kind == UnitKind::kScriptBuild ||
         kind == UnitKind::kDynamicLib;
}

}  // namespace

bool IsNative(const UnitPlan& plan, std::size_t unit) {
  if (plan.units[unit].place.kind != UnitKind::kScriptRun) return false;
  for (const GraphDep& dep : plan.units[unit].deps) {
    const PlannedUnit& script = plan.units[dep.unit];
    if (script.place.kind != UnitKind::kScriptBuild) continue;
    for (const GraphDep& tool : script.deps) {
      const std::string& name = plan.units[tool.unit].package.name;
      if (std::find(kNativeTools.begin(), kNativeTools.end(), name) != kNativeTools.end()) {
        return true;
      }
    }
  }
  return false;
}

UnitKeyParts KeyPartsOf(const UnitPlan& plan, std::size_t unit, const Recipe& recipe,
                        const PackageId& package) {
  const PlannedUnit& planned = plan.units[unit];
  UnitKeyParts parts;
  Take(recipe, kCommonParts, parts);
  TakeLinkers(recipe, parts);
  if (IsFreeOfFlags(planned, recipe)) parts.erase("rustflags");
  TakeFamily(recipe, "env.RUSTC_BOOTSTRAP", parts);
  TakeFamily(recipe, "target-spec.", parts);
  // Part of the recipe only where a flag says "native".
  Take(recipe, std::array<std::string_view, 1>{"host.cpu"}, parts);
  if (IsLinked(planned.place.kind)) {
    Take(recipe, kLinkerParts, parts);
    TakeFamily(recipe, "env.LIBRARY_PATH", parts);
    TakeFamily(recipe, "env.CARGO_TARGET_", parts);
    TakeFamily(recipe, "env.CARGO_HOST_", parts);
  }
  if (IsNative(plan, unit)) {
    TakeFamily(recipe, "host.", parts);
    TakeToolVariables(recipe, parts);
  }
  parts["layout"] = plan.layout == LayoutKind::kV2 ? "v2" : "classic";
  // The profile's folder is part of it: fingerprints hold paths below it.
  parts["place"] = LayoutOf(plan.layout).HashFile(planned.place);
  parts["package"] = fmt::format("{}\n{}\n{}\n{}", package.name, package.version, package.source,
                                 package.checksum);
  return parts;
}

}  // namespace depcache::client
