#include "cache/store/rocksdb/sweep.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/base/status.h"
#include "cache/store/rocksdb/keys.h"
#include "cache/store/rocksdb/rows.h"

namespace depcache {
namespace {

constexpr std::size_t kStepRows = 2048;

struct Step {
  std::vector<std::string> keys;
  std::vector<std::string> values;
};

// The next rows from `start` on.
absl::StatusOr<Step> NextStep(const Database& database, Family family, std::string_view start) {
  Step step;
  DEPCACHE_RETURN_IF_ERROR(
      ScanFrom(database, family, start, [&](std::string_view key, std::string_view value) {
        step.keys.emplace_back(key);
        step.values.emplace_back(value);
        return step.keys.size() < kStepRows;
      }));
  return step;
}

// Sweeps a family: `pick` names the rows of a step that may go, `is_wanted`
// says of each again when nobody can write.
absl::StatusOr<std::uint64_t> SweepFamily(
    const Database& database, Family family, CommitLane& lane, const std::atomic<bool>& is_stopping,
    const std::function<absl::StatusOr<std::vector<std::string>>(const Step& step)>& pick,
    const std::function<bool(std::string_view key)>& is_wanted) {
  std::uint64_t swept = 0;
  std::string start;
  while (!is_stopping) {
    DEPCACHE_ASSIGN_OR_RETURN(const Step step, NextStep(database, family, start));
    DEPCACHE_ASSIGN_OR_RETURN(const std::vector<std::string> picked, pick(step));
    if (!picked.empty()) DEPCACHE_RETURN_IF_ERROR(lane.Sweep(family, picked, is_wanted));
    swept += picked.size();
    if (step.keys.size() < kStepRows) break;
    // The least key after the last.
    start = step.keys.back() + '\0';
  }
  return swept;
}

bool IsReadable(const Generations& generations, std::string_view value) {
  const absl::StatusOr<BlobRow> row = DecodeBlobRow(value);
  return row.ok() && generations.IsInUse(row->generation);
}

}  // namespace

absl::StatusOr<SweepCounts> SweepRows(const Database& database, const Generations& generations,
                                      const BlobIndex& index, CommitLane& lane,
                                      const std::atomic<bool>& is_stopping) {
  const auto pick_rows = [&](const Step& step) -> absl::StatusOr<std::vector<std::string>> {
    std::vector<std::string> picked;
    for (std::size_t i = 0; i < step.keys.size(); ++i) {
      if (!IsReadable(generations, step.values[i])) picked.push_back(step.keys[i]);
    }
    return picked;
  };
  // Errors keep a row: it is looked at again another time.
  const auto row_is_wanted = [&](std::string_view key) {
    bool is_wanted = false;
    const absl::Status read = GetRows(
        database, Family::kBlobIndex, {&key, 1},
        [&](std::size_t, std::string_view value) { is_wanted = IsReadable(generations, value); });
    return is_wanted || !read.ok();
  };
  const auto pick_refs = [&](const Step& step) -> absl::StatusOr<std::vector<std::string>> {
    std::vector<BlobHash> hashes;
    for (const std::string& key : step.keys) {
      hashes.push_back(HashOfRefKey(key).value_or(BlobHash()));
    }
    DEPCACHE_ASSIGN_OR_RETURN(const auto rows, index.Lookup(hashes));
    std::vector<std::string> picked;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!rows[i]) picked.push_back(step.keys[i]);
    }
    return picked;
  };
  const auto ref_is_wanted = [&](std::string_view key) {
    const BlobHash hash = HashOfRefKey(key).value_or(BlobHash());
    const auto rows = index.Lookup({&hash, 1});
    return !rows.ok() || rows->front().has_value();
  };

  SweepCounts counts;
  DEPCACHE_ASSIGN_OR_RETURN(counts.rows, SweepFamily(database, Family::kBlobIndex, lane,
                                                     is_stopping, pick_rows, row_is_wanted));
  DEPCACHE_ASSIGN_OR_RETURN(counts.refs, SweepFamily(database, Family::kBlobRef, lane, is_stopping,
                                                     pick_refs, ref_is_wanted));
  return counts;
}

}  // namespace depcache
