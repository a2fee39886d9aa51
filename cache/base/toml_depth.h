#pragma once

#include <cstddef>
#include <string_view>

namespace depcache {

// Texts which nest deeper are refused before they are parsed.
inline constexpr std::size_t kMaxTomlDepth = 64;

// How deep the values of a TOML text nest, read from its brackets and dots
// alone: an upper bound, a little above the real depth. Never recurses, so it
// is safe to ask before the text is handed to a parser that does. In a text
// that is no TOML the bound holds for what stands before the first error.
// Thread-safe.
std::size_t TomlDepthBound(std::string_view text);

}  // namespace depcache
