// A unit graph, a line "---", and the log of the refused build.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cache/base/check.h"
#include "cache/cargo/target_layout.h"
#include "cache/cargo/unit_outputs.h"
#include "cache/cargo/unit_plan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depcache;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kSeparator = "\n---\n";
  const std::size_t separator = input.find(kSeparator);
  if (separator == std::string_view::npos) return 0;
  const absl::StatusOr<UnitPlan> plan =
      MakeUnitPlan({.unit_graph = input.substr(0, separator),
                    .log = input.substr(separator + kSeparator.size()),
                    .build_dir = "/b",
                    .registry_src = "/r"});
  if (!plan.ok()) return 0;
  const TargetLayout& layout = LayoutOf(plan->layout);
  for (std::size_t i = 0; i < plan->units.size(); ++i) {
    const PlannedUnit& unit = plan->units[i];
    for (const GraphDep& dep : unit.deps) {
      DEPCACHE_CHECK(dep.unit < i);
      DEPCACHE_CHECK(!unit.is_eligible || plan->units[dep.unit].is_eligible);
    }
    if (!unit.is_eligible) continue;
    const absl::StatusOr<LocatedUnit> located = ParseHashFilePath(layout.HashFile(unit.place));
    DEPCACHE_CHECK(located.ok() && located->place.hash == unit.place.hash);
    for (const UnitOutput& output : OutputsOf(unit)) {
      DEPCACHE_CHECK(layout.FilePath(unit.place, output.role, output.name).find("/../") ==
                     std::string::npos);
    }
  }
  return 0;
}
