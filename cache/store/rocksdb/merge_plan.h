#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace depcache {

// Neighbours in a list of files.
struct FileRun {
  std::size_t first = 0;
  std::size_t count = 0;
  friend bool operator==(const FileRun&, const FileRun&) = default;
};

// Which files of a generation to merge into one, given their sizes, newest
// first; nullopt if none.
//
// Each commit leaves a file, and a look-up asks the filter of each. Merged are
// kMinMergeFiles or more neighbours of which none is much larger than the
// newer ones together: so each byte is rewritten about as often as the number
// of files doubles, and only until its file has kMaxMergeBytes. Large pushes
// are written in files that are never touched again. A file of kUnmergeable
// bytes stays apart from both its neighbours.
inline constexpr std::size_t kMinMergeFiles = 8;
inline constexpr std::uint64_t kMaxMergeBytes = 128ULL << 20;
inline constexpr std::uint64_t kUnmergeable = kMaxMergeBytes + 1;
std::optional<FileRun> PlanMerge(std::span<const std::uint64_t> newest_first);

}  // namespace depcache
