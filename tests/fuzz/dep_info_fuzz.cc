#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cache/base/check.h"
#include "cache/cargo/dep_info.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depcache;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<DepInfo> info = ParseDepInfo(input);
  if (!info.ok()) return 0;
  DEPCACHE_CHECK(Serialize(*info) == input);
  DEPCACHE_CHECK(Serialize(Sorted(*info)).size() == input.size());
  return 0;
}
