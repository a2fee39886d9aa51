#include "cache/store/rocksdb/merge_plan.h"

namespace depcache {

std::optional<FileRun> PlanMerge(std::span<const std::uint64_t> newest_first) {
  for (std::size_t first = 0; first < newest_first.size(); ++first) {
    std::uint64_t sum = newest_first[first];
    std::size_t end = first + 1;
    while (end < newest_first.size() && newest_first[end] <= 2 * sum &&
           sum + newest_first[end] <= kMaxMergeBytes) {
      sum += newest_first[end++];
    }
    if (end - first >= kMinMergeFiles) return FileRun{first, end - first};
  }
  return std::nullopt;
}

}  // namespace depcache
