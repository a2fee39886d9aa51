// The plan of a cook, and the questions that follow from it.

#pragma once

#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/unit_plan.h"
#include "client/context.h"
#include "client/cook/cook_input.h"
#include "client/cook/summary.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

// Empty unless the user named a manifest that is not the current folder's.
std::filesystem::path ManifestPathOf(const Context& context, const CookInput& input);

// Asks cargo. Errors: as PlanBuild.
absl::StatusOr<UnitPlan> MakePlan(Context& context, const CookInput& input, CookSummary& summary);

// Whether what is selected could reach a registry package of this checksum:
// Cargo opens the archives of more packages than it compiles.
bool IsReachable(const Recipe& recipe, const std::string& checksum);

// Each unit of the plan as the server is asked about it.
std::vector<UnitQuestion> QuestionsOf(const UnitPlan& plan, const Recipe& recipe,
                                      const Lockfile& lock, const MachineFolders& folders);

}  // namespace depcache::client
