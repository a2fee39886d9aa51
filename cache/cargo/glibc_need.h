#pragma once

#include <cstdint>
#include <string_view>

#include <absl/status/statusor.h>

namespace depcache {

// The largest y of the symbol versions GLIBC_2.y which `file`, an ELF
// executable or shared object, needs from other libraries: it runs with that
// glibc and later ones. 0 if it needs none or is no ELF file. Thread-safe.
// Errors: INVALID_ARGUMENT (damaged ELF).
absl::StatusOr<std::uint16_t> GlibcMinorNeeded(std::string_view file);

}  // namespace depcache
