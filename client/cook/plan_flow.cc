#include "client/cook/plan_flow.h"

#include <array>
#include <map>

#include "client/capture/unit_keys.h"
#include "client/cargo/plan_build.h"

namespace depcache::client {

std::filesystem::path ManifestPathOf(const Context& context, const CookInput& input) {
  if (input.flags.manifest_path.empty() || input.IsRecipeOnly()) return {};
  return (context.cwd / input.flags.manifest_path).lexically_normal();
}

absl::StatusOr<UnitPlan> MakePlan(Context& context, const CookInput& input, CookSummary& summary) {
  const PhaseTimer timer(summary, "plan");
  return PlanBuild(context,
                   {input.compiler.cargo, CargoArguments(input.flags), input.run_dir,
                    ManifestPathOf(context, input), input.folders, input.tools.cargo_minor});
}

std::vector<UnitQuestion> QuestionsOf(const UnitPlan& plan, const Recipe& recipe,
                                      const Lockfile& lock) {
  std::map<std::array<std::string, 3>, std::string> checksums;
  for (const LockedPackage& package : lock.packages) {
    checksums[{package.name, package.version, package.source}] = package.checksum;
  }
  std::vector<UnitQuestion> questions(plan.units.size());
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const PlannedUnit& unit = plan.units[i];
    const auto checksum =
        checksums.find({unit.package.name, unit.package.version, unit.package.source});
    if (unit.is_eligible && checksum != checksums.end() && !checksum->second.empty()) {
      questions[i].inputs = UnitInputsOf(KeyPartsOf(plan, i, recipe, checksum->second));
    }
    for (const GraphDep& dep : unit.deps) {
      questions[i].deps.push_back(static_cast<std::uint32_t>(dep.unit));
    }
  }
  return questions;
}

}  // namespace depcache::client
