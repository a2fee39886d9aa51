// The cost rule: over a slow line some units are compiled faster than fetched.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "cache/cargo/unit_plan.h"
#include "cache/layer/unit_record.h"
#include "client/cargo/machine_folders.h"
#include "client/cook/layer_download.h"
#include "client/cook/summary.h"

namespace depcache::client {

struct FetchableUnit {
  UnitRef ref;
  const UnitRecord* record = nullptr;
  std::uint64_t bytes = 0;  // plain, to be fetched; 0: it is here already
};

// By position: units that cargo compiled faster than `bytes_per_second` (> 0)
// would fetch them, and on which none stands but such: a dependency that stayed
// away would take with it what stands on it. In the order of a plan:
// dependencies first.
std::vector<bool> FindFasterCompiled(std::span<const FetchableUnit> units, double bytes_per_second);

struct CostInput {
  const UnitPlan& plan;
  std::span<const std::size_t> positions;  // plan indices of the layer's units
  const MachineFolders& folders;
  std::span<const std::filesystem::path> siblings;  // what lies there is not fetched
  double bytes_per_second = 0;                      // > 0
};

// Takes such units out of the layer, if cargo has something else to compile:
// for them alone it need not run. What was taken, by hash file.
std::map<std::string, SkippedUnit> LeaveToCargo(const CostInput& input, LayerDownload& layer);

}  // namespace depcache::client
