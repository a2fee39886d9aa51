#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "cache/cargo/unit_place.h"

namespace depcache::client {

// Makes units stale that stand directly on units which are about to be
// replaced: they were compiled against other bytes, and Cargo, which compares
// fingerprints and times only, would take them for fresh and fail later
// (rustc's E0460). `replaced` are fingerprints of the new units; units whose
// hash file is in `except` (paths below the build directory) are left alone.
// The number of units made stale. Problems of the disk are passed over: such a
// unit is one Cargo cannot read either.
std::size_t InvalidateDependents(const std::filesystem::path& build_dir,
                                 const std::vector<std::string>& profile_folders, LayoutKind layout,
                                 const std::set<std::uint64_t>& replaced,
                                 const std::set<std::string>& except);

}  // namespace depcache::client
