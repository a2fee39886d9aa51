#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cache/base/check.h"
#include "cache/cargo/index_cache.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depcache;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<IndexCache> cache = ParseIndexCache(input);
  if (!cache.ok()) {
    ParseIndexLine(input).status().IgnoreError();
    return 0;
  }
  DEPCACHE_CHECK(Serialize(*cache) == input);
  DEPCACHE_CHECK(Merged(*cache, cache->entries) == *cache);
  for (const IndexEntry& entry : cache->entries) {
    DEPCACHE_CHECK(FindIndexLine(input, entry.version).ok());
    ParseIndexLine(entry.json).status().IgnoreError();
  }
  return 0;
}
