#include "client/cook/plan_flow.h"

#include "client/capture/locked_packages.h"
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

bool IsReachable(const Recipe& recipe, const std::string& checksum) {
  const auto lock = recipe.parts().find("lock");
  return lock == recipe.parts().end() || lock->second.find(checksum) != std::string::npos;
}

std::vector<UnitQuestion> QuestionsOf(const UnitPlan& plan, const Recipe& recipe,
                                      const Lockfile& lock, const MachineFolders& folders) {
  const LockedPackages locked(lock, folders);
  std::vector<UnitQuestion> questions(plan.units.size());
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const PlannedUnit& unit = plan.units[i];
    const absl::StatusOr<PackageId> package = locked.Find(unit);
    if (unit.is_eligible && package.ok()) {
      questions[i].inputs = UnitInputsOf(KeyPartsOf(plan, i, recipe, *package));
    }
    for (const GraphDep& dep : unit.deps) {
      questions[i].deps.push_back(static_cast<std::uint32_t>(dep.unit));
    }
  }
  return questions;
}

}  // namespace depcache::client
