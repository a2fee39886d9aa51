#pragma once

#include <string_view>

namespace depcache {

// "0.1.0", from the build.
std::string_view Version();

}  // namespace depcache
