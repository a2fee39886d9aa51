#include "cache/cargo/unit_plan.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cache/base/status.h"
#include "cache/cargo/plan_log.h"
#include "cache/cargo/target_layout.h"

namespace depcache {
namespace {

bool Contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool ContainsAny(const std::vector<std::string>& list,
                 std::initializer_list<std::string_view> items) {
  return std::any_of(items.begin(), items.end(),
                     [&](std::string_view item) { return Contains(list, item); });
}

// The graph in Cargo's two orders: a unit before its dependencies, as it logs
// them, and after them, as it can build them.
struct Walk {
  std::vector<std::size_t> before;
  std::vector<std::size_t> after;
};

// Depth first from the roots, each unit once, without recursion: the graph
// comes from outside and may be deep.
absl::StatusOr<Walk> WalkGraph(const UnitGraph& graph) {
  enum class State : char { kNew, kOpen, kDone };
  struct Step {
    std::size_t unit;
    std::size_t next_dep;
  };
  std::vector<State> states(graph.units.size(), State::kNew);
  std::vector<Step> open;
  Walk walk;
  const auto enter = [&](std::size_t unit) {
    states[unit] = State::kOpen;
    walk.before.push_back(unit);
    open.push_back({unit, 0});
  };
  for (const std::size_t root : graph.roots) {
    if (states[root] == State::kNew) enter(root);
    while (!open.empty()) {
      const std::size_t unit = open.back().unit;
      const std::vector<GraphDep>& deps = graph.units[unit].deps;
      if (open.back().next_dep == deps.size()) {
        states[unit] = State::kDone;
        walk.after.push_back(unit);
        open.pop_back();
        continue;
      }
      const std::size_t dep = deps[open.back().next_dep++].unit;
      if (states[dep] == State::kOpen) return InvalidArgument("unit graph: a cycle");
      if (states[dep] == State::kNew) enter(dep);
    }
  }
  return walk;
}

// Cargo's word for the target in names of hash files (TargetKind::description).
std::string_view Description(const GraphTarget& target) {
  const std::string& kind = target.kinds.front();
  if (kind == "custom-build") return "build-script";
  if (kind == "test") return "integration-test";
  if (kind == "bin" || kind == "example" || kind == "bench") return kind;
  return "lib";
}

// True if Cargo gives the unit's hash file this name.
bool IsHashFileOf(const GraphUnit& unit, std::string_view file) {
  const std::string plain = fmt::format("{}-{}", Description(unit.target), unit.target.name);
  switch (unit.mode) {
    case UnitMode::kBuild:
    case UnitMode::kDocScrape:
      return file == plain;
    case UnitMode::kCheck:
      // The graph does not tell a check of a crate's tests.
      return file == plain || file == "test-" + plain;
    case UnitMode::kTest:
      return file == "test-" + plain;
    case UnitMode::kDoc:
      return file == "doc-" + plain;
    case UnitMode::kRunScript:
      return file == "run-" + plain;
    case UnitMode::kDocTest:
      return false;
  }
  return false;
}

absl::Status CheckSame(const GraphUnit& unit, const LoggedUnit& logged) {
  const UnitPlace& place = logged.located.place;
  if (unit.package.name == logged.package && unit.package.name == place.package &&
      unit.package.version == logged.version && IsHashFileOf(unit, place.fingerprint_file)) {
    return absl::OkStatus();
  }
  return InvalidArgument("unit graph and log differ: {} {} ({}) is logged as {} {} ({})",
                         unit.package.name, unit.package.version, unit.target.name, logged.package,
                         logged.version, place.fingerprint_file);
}

UnitKind KindOf(const GraphUnit& unit, const UnitPlace& place) {
  // Of a library, the path tells no more than that it is one.
  if (place.kind != UnitKind::kLib) return place.kind;
  if (Contains(unit.target.crate_types, "proc-macro")) return UnitKind::kProcMacro;
  const bool is_dynamic = ContainsAny(unit.target.crate_types, {"dylib", "cdylib"});
  return unit.mode == UnitMode::kBuild && is_dynamic ? UnitKind::kDynamicLib : UnitKind::kLib;
}

// The folder below registry/src which holds the package; "" if its source is
// elsewhere, as with a directory source.
std::string PackageRoot(const GraphUnit& unit, std::string_view registry_src) {
  const std::string_view path = unit.target.src_path;
  if (registry_src.empty() || !path.starts_with(registry_src)) return "";
  const std::string folder = fmt::format("/{}-{}/", unit.package.name, unit.package.version);
  const std::string_view rest = path.substr(registry_src.size());
  // "/<registry>/<name>-<version>/…"
  const std::size_t registry_end = rest.starts_with('/') ? rest.find('/', 1) : std::string::npos;
  if (registry_end == std::string::npos || !rest.substr(registry_end).starts_with(folder)) {
    return "";
  }
  return std::string(path.substr(0, registry_src.size() + registry_end + folder.size() - 1));
}

// The checkout below git/checkouts which holds the package; "" if its source is
// elsewhere.
std::string CheckoutRoot(const GraphUnit& unit, std::string_view git_checkouts) {
  const std::string_view path = unit.target.src_path;
  if (git_checkouts.empty() || !path.starts_with(git_checkouts)) return "";
  if (path.size() == git_checkouts.size()) return "";
  // "/<repository>/<commit>/…"
  const std::size_t begin = git_checkouts.size();
  const std::size_t repository_end = path[begin] == '/' ? path.find('/', begin + 1) : path.npos;
  if (repository_end == std::string_view::npos) return "";
  const std::size_t end = path.find('/', repository_end + 1);
  return end == std::string_view::npos ? "" : std::string(path.substr(0, end));
}

// Sets where the sources are, and the kind they are of because of that.
void FindSources(const PlanInput& input, PlannedUnit& unit) {
  SourceKind& kind = unit.package.kind;
  unit.is_path_package = kind == SourceKind::kPath;
  if (kind == SourceKind::kRegistry) unit.package_root = PackageRoot(unit, input.registry_src);
  if (kind == SourceKind::kGit) unit.package_root = CheckoutRoot(unit, input.git_checkouts);
  const bool has_own_folder = kind == SourceKind::kRegistry || kind == SourceKind::kGit;
  if (!has_own_folder || !unit.package_root.empty()) return;
  kind = SourceKind::kDirectory;
  for (const std::string& root : input.directory_packages) {
    const bool is_below = unit.target.src_path.starts_with(root + "/");
    if (is_below && root.size() > unit.package_root.size()) unit.package_root = root;
  }
}

// Why the unit itself, whatever it stands on, is not stored; "" if it may be.
std::string OwnSkipReason(const PlannedUnit& unit) {
  constexpr std::array<std::string_view, 6> kKnown = {"lib",    "rlib",      "dylib",
                                                      "cdylib", "staticlib", "proc-macro"};
  if (unit.is_std) return "belongs to the standard library (-Zbuild-std)";
  if (unit.package.kind == SourceKind::kPath) return "is a path package";
  if (unit.package.kind == SourceKind::kDirectory && unit.package_root.empty()) {
    return "has its sources where no configuration of Cargo says";
  }
  if (unit.has_artifact_dep) return "has an artifact dependency";
  if (unit.mode == UnitMode::kDoc || unit.mode == UnitMode::kDocTest ||
      unit.mode == UnitMode::kDocScrape) {
    return "is documentation";
  }
  if (unit.place.kind == UnitKind::kOther) {
    return fmt::format("is a {}", unit.place.fingerprint_file);
  }
  if (unit.place.kind == UnitKind::kScriptBuild || unit.place.kind == UnitKind::kScriptRun) {
    return "";
  }
  const std::vector<std::string>& types = unit.target.crate_types;
  for (const std::string& type : types) {
    if (std::find(kKnown.begin(), kKnown.end(), type) == kKnown.end()) {
      return fmt::format("has the unknown crate type '{}'", type);
    }
  }
  if (!ContainsAny(types, {"lib", "rlib", "dylib", "proc-macro"})) {
    return "has no crate type that another crate can link";
  }
  const bool is_elf =
      unit.platform.empty() || unit.platform.find("-linux-gnu") != std::string::npos;
  if (!is_elf && unit.mode == UnitMode::kBuild &&
      ContainsAny(types, {"dylib", "cdylib", "staticlib"})) {
    return fmt::format("has a crate type whose files on {} we do not know", unit.platform);
  }
  return "";
}

// Why the unit is not eligible, given the plan of what it is built from.
std::string SkipReason(const PlannedUnit& unit, const std::vector<PlannedUnit>& planned) {
  if (std::string own = OwnSkipReason(unit); !own.empty()) return own;
  for (const GraphDep& edge : unit.deps) {
    const PlannedUnit& dep = planned[edge.unit];
    if (dep.is_eligible) continue;
    // One reason at the bottom is enough, however long the chain.
    if (dep.skip_reason.starts_with("stands on ")) return dep.skip_reason;
    return fmt::format("stands on {} {}, which {}", dep.package.name, dep.package.version,
                       dep.skip_reason);
  }
  return "";
}

// The place of each logged unit, by index in the graph.
absl::StatusOr<std::vector<std::optional<LocatedUnit>>> Zip(const UnitGraph& graph,
                                                            const std::vector<std::size_t>& order,
                                                            std::vector<LoggedUnit> log) {
  std::vector<std::optional<LocatedUnit>> places(graph.units.size());
  auto logged = log.begin();
  for (const std::size_t index : order) {
    // Cargo leaves these to a later step, which has no hash file.
    if (graph.units[index].mode == UnitMode::kDocTest) continue;
    if (logged == log.end()) {
      return InvalidArgument("the log has {} units, the unit graph more", log.size());
    }
    DEPCACHE_RETURN_IF_ERROR(CheckSame(graph.units[index], *logged));
    if (logged->located.layout != log.front().located.layout) {
      return InvalidArgument("the log has both target layouts");
    }
    places[index] = std::move(logged->located);
    ++logged;
  }
  if (logged != log.end()) {
    return InvalidArgument("the log has {} units, the unit graph {}", log.size(),
                           logged - log.begin());
  }
  return places;
}

absl::Status CheckPlacesDiffer(const UnitPlan& plan) {
  const TargetLayout& layout = LayoutOf(plan.layout);
  std::set<std::string> seen;
  for (const PlannedUnit& unit : plan.units) {
    if (!unit.is_eligible) continue;
    if (std::string path = layout.HashFile(unit.place); !seen.insert(path).second) {
      return InvalidArgument("two units have the hash file '{}'", path);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UnitPlan> MakeUnitPlan(const PlanInput& input) {
  DEPCACHE_ASSIGN_OR_RETURN(UnitGraph graph, ParseUnitGraph(input.unit_graph));
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<LoggedUnit> log, ParsePlanLog(input.log, input.build_dir));
  DEPCACHE_ASSIGN_OR_RETURN(const Walk walk, WalkGraph(graph));
  DEPCACHE_ASSIGN_OR_RETURN(auto places, Zip(graph, walk.before, std::move(log)));

  UnitPlan plan;
  std::vector<std::size_t> new_index(graph.units.size());
  for (const std::size_t index : walk.after) {
    new_index[index] = plan.units.size();
    PlannedUnit unit{std::move(graph.units[index]), {}, false, false, "", false, ""};
    for (GraphDep& dep : unit.deps) dep.unit = new_index[dep.unit];
    if (places[index].has_value()) {
      plan.layout = places[index]->layout;
      unit.place = std::move(places[index]->place);
      unit.place.crate_name = unit.target.name;
      std::replace(unit.place.crate_name.begin(), unit.place.crate_name.end(), '-', '_');
      unit.place.kind = KindOf(unit, unit.place);
    } else {
      unit.place.kind = UnitKind::kOther;
    }
    FindSources(input, unit);
    unit.skip_reason = SkipReason(unit, plan.units);
    unit.is_eligible = unit.skip_reason.empty();
    plan.units.push_back(std::move(unit));
  }
  for (const std::size_t root : graph.roots) plan.units[new_index[root]].is_root = true;
  DEPCACHE_RETURN_IF_ERROR(CheckPlacesDiffer(plan));
  return plan;
}

}  // namespace depcache
