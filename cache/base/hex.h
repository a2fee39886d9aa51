#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace depcache {

// Lower-case hex of `bytes`, two digits each.
std::string ToHex(std::string_view bytes);

// The bytes, or nullopt unless `hex` is an even number of lower-case digits.
std::optional<std::string> FromHex(std::string_view hex);

}  // namespace depcache
