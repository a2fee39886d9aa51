// Small conversions between text and values, for settings and messages.

#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache {

// "1048576", "1MiB", "1.5GiB" or "500MB" as bytes. Errors: INVALID_ARGUMENT.
absl::StatusOr<std::uint64_t> ParseBytes(std::string_view text);
// "1.5 GiB", "843 B": for people.
std::string FormatBytes(std::uint64_t bytes);

// "30", "30s", "1.5s", "250ms" or "15m". Errors: INVALID_ARGUMENT.
absl::StatusOr<std::chrono::milliseconds> ParseDuration(std::string_view text);
// "0.84 s", "12.3 s", "3 min 20 s".
std::string FormatDuration(std::chrono::milliseconds duration);

// "true"/"false", also 1/0, yes/no, on/off. Errors: INVALID_ARGUMENT.
absl::StatusOr<bool> ParseBool(std::string_view text);

// A whole number of at most `max`. Errors: INVALID_ARGUMENT.
absl::StatusOr<std::uint64_t> ParseNumber(std::string_view text, std::uint64_t max);

// The candidate with the smallest edit distance to `name`, or "" if none is
// near enough to be what was meant.
std::string NearestName(std::string_view name, std::span<const std::string> candidates);

// Parts between `separator`s, empty ones included.
std::vector<std::string> Split(std::string_view text, char separator);

std::string_view Trim(std::string_view text);

// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates.
bool IsUtf8(std::string_view text);

}  // namespace depcache
