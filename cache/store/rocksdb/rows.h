// Look-ups of rows, many keys at once or all with one prefix.

#pragma once

#include <functional>
#include <span>
#include <string_view>

#include <absl/status/status.h>

#include "cache/store/rocksdb/database.h"

namespace depcache {

// Calls `found` with the position and the value of each key that is there.
// Errors: UNAVAILABLE.
absl::Status GetRows(const Database& database, Family family,
                     std::span<const std::string_view> keys,
                     const std::function<void(std::size_t index, std::string_view value)>& found);

// For each prefix of kEntryPrefixBytes, in order, calls `found` with its
// position, and key and value of each row that begins with it. All from one
// moment. Errors: UNAVAILABLE.
absl::Status ScanPrefixes(const Database& database, Family family,
                          std::span<const std::string> prefixes,
                          const std::function<void(std::size_t index, std::string_view key,
                                                   std::string_view value)>& found);

// Rows in order of keys, from `start` on; `visit` returns false to stop.
// Errors: UNAVAILABLE.
absl::Status ScanFrom(
    const Database& database, Family family, std::string_view start,
    const std::function<bool(std::string_view key, std::string_view value)>& visit);

}  // namespace depcache
