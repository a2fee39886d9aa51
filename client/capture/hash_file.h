#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace depcache::client {

// How a unit's hash file stands on disk. Cargo empties it before it compiles
// the unit, fills it at the end, and never writes to the one of a fresh unit:
// equal states mean that nothing was compiled in between.
struct HashFileState {
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
  friend bool operator==(const HashFileState&, const HashFileState&) = default;
};

// nullopt: there is none, or it cannot be looked at.
std::optional<HashFileState> ReadHashFileState(const std::filesystem::path& file);

// The unit was built to its end.
bool IsWhole(const std::optional<HashFileState>& state);

}  // namespace depcache::client
