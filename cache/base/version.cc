#include "cache/base/version.h"

namespace depcache {

std::string_view Version() { return DEPCACHE_VERSION; }

}  // namespace depcache
