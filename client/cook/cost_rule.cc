#include "client/cook/cost_rule.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "cache/cargo/target_layout.h"
#include "client/cook/known_units.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

std::uint64_t BytesToFetch(const UnitRecord& record, std::span<const fs::path> siblings) {
  std::uint64_t bytes = 0;
  for (const UnitFile& file : record.files) {
    if (!std::holds_alternative<BlobContent>(file.content)) continue;
    const std::string path = LayoutOf(record.layout).FilePath(record.place, file.role, file.name);
    const bool is_near = std::any_of(siblings.begin(), siblings.end(), [&](const fs::path& folder) {
      std::error_code error;
      return fs::file_size(folder / path, error) == SizeOf(file) && !error;
    });
    if (!is_near) bytes += SizeOf(file);
  }
  return bytes;
}

// There are units that neither the disk nor the layer has.
bool MustCompile(const CostInput& input) {
  std::vector<bool> is_there(input.plan.units.size(), false);
  for (const std::size_t i : input.positions) is_there[i] = true;
  for (std::size_t i = 0; i < is_there.size(); ++i) {
    if (input.plan.units[i].is_eligible && !is_there[i] && !IsBuilt(input.plan, i, input.folders)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<bool> FindFasterCompiled(std::span<const FetchableUnit> units,
                                     double bytes_per_second) {
  std::vector<bool> is_left(units.size(), false);
  std::set<UnitRef> needed;
  for (std::size_t i = units.size(); i-- > 0;) {
    const UnitRecord& record = *units[i].record;
    const double fetch_ms = static_cast<double>(units[i].bytes) * 1000 / bytes_per_second;
    is_left[i] =
        record.compile_ms > 0 && record.compile_ms < fetch_ms && !needed.contains(units[i].ref);
    if (!is_left[i]) needed.insert(record.deps.begin(), record.deps.end());
  }
  return is_left;
}

std::map<std::string, SkippedUnit> LeaveToCargo(const CostInput& input, LayerDownload& layer) {
  std::map<std::string, SkippedUnit> left;
  if (!MustCompile(input)) return left;
  std::vector<FetchableUnit> units;
  for (std::size_t i = 0; i < layer.records.size(); ++i) {
    const UnitRecord& record = layer.records[i];
    const bool is_here = IsBuilt(input.plan, input.positions[i], input.folders);
    units.push_back(
        {layer.index.units[i].ref, &record, is_here ? 0 : BytesToFetch(record, input.siblings)});
  }
  const std::vector<bool> is_left = FindFasterCompiled(units, input.bytes_per_second);
  LayerDownload kept;
  for (std::size_t i = 0; i < is_left.size(); ++i) {
    UnitRecord& record = layer.records[i];
    if (is_left[i]) {
      left[LayoutOf(record.layout).HashFile(record.place)] = {record.package.name,
                                                              record.package.version, ""};
      continue;
    }
    kept.index.units.push_back(layer.index.units[i]);
    kept.records.push_back(std::move(record));
  }
  layer.index.units = std::move(kept.index.units);
  layer.records = std::move(kept.records);
  return left;
}

}  // namespace depcache::client
