#include "cache/cargo/rmeta_slice.h"

#include <algorithm>

#include <string.h>

namespace depcache {

std::optional<std::size_t> FindRmeta(std::string_view rlib, std::string_view rmeta) {
  if (rmeta.empty()) return std::nullopt;
  // The first bytes decide nearly always; memmem over all would prepare a
  // table of their size first.
  const std::string_view head = rmeta.substr(0, 64);
  std::size_t from = 0;
  while (rlib.size() - from >= rmeta.size()) {
    const std::string_view rest = rlib.substr(from);
    const void* hit = memmem(rest.data(), rest.size(), head.data(), head.size());
    if (hit == nullptr) return std::nullopt;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(hit) - rlib.data());
    if (rlib.substr(at).starts_with(rmeta)) return at;
    from = at + 1;
  }
  return std::nullopt;
}

}  // namespace depcache
