#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cache/base/check.h"
#include "cache/layer/limits.h"
#include "cache/layer/unit_record.h"

// What is accepted has one form, and is safe to measure and to hash.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depcache;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<UnitRecord> record = DecodeUnitRecord(input);
  if (!record.ok()) return 0;
  DEPCACHE_CHECK(Encode(*record) == input);
  OutputOf(*record);
  for (const Digest& blob : BlobsOf(*record)) DEPCACHE_CHECK(blob.size_bytes <= kMaxBlobBytes);
  for (const UnitFile& file : record->files) {
    DEPCACHE_CHECK(file.role != FileRole::kOutDirEntry || StaysBelow(file.name));
    DEPCACHE_CHECK(SizeOf(file) <= kMaxFileBytes);
  }
  return 0;
}
