#pragma once

#include <cstddef>
#include <string_view>

#include <absl/status/statusor.h>

#include "cache/base/toml_depth.h"
#include "cache/recipe/toml_value.h"

namespace depcache {

inline constexpr std::size_t kMaxTomlBytes = 4 << 20;

// Parses TOML 1.0, and what Cargo takes of 1.1 since 1.94 (inline tables over
// several lines, "\e" and "\xHH", times without seconds). A leading byte order
// mark is skipped. The text may come from anywhere: size and depth are checked
// before it is parsed. Thread-safe.
// Errors: INVALID_ARGUMENT, with line and column for a syntax error. The
// caller adds which file it was.
absl::StatusOr<TomlTable> ParseToml(std::string_view text);

}  // namespace depcache
