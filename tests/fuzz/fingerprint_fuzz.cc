#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cache/base/check.h"
#include "cache/cargo/cargo_fingerprint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace depcache;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<Fingerprint> fingerprint = ParseFingerprint(input);
  if (!fingerprint.ok()) return 0;
  DEPCACHE_CHECK(ToJson(*fingerprint) == input);
  const absl::StatusOr<Fingerprint> same = MapTexts(
      *fingerprint, [](FingerprintText, std::string_view text) { return std::string(text); });
  DEPCACHE_CHECK(same.ok() && *same == *fingerprint);
  DEPCACHE_CHECK(FingerprintHash(*same) == FingerprintHash(*fingerprint));
  return 0;
}
