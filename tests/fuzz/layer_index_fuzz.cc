#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cache/base/check.h"
#include "cache/layer/layer_index.h"

// Layer indexes and package records: what is accepted has one form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depcache;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<LayerIndex> index = DecodeLayerIndex(input);
  if (index.ok()) DEPCACHE_CHECK(Encode(*index) == input);
  const absl::StatusOr<PackageRecord> package = DecodePackageRecord(input);
  if (package.ok()) DEPCACHE_CHECK(Encode(*package) == input);
  DEPCACHE_CHECK(!(index.ok() && package.ok()));
  return 0;
}
