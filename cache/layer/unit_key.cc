#include "cache/layer/unit_key.h"

#include <algorithm>

#include "cache/base/codec.h"

namespace depcache {

UnitKey UnitKeyOf(const UnitKeyParts& parts, std::vector<UnitRef> deps) {
  std::sort(deps.begin(), deps.end());
  Writer writer;
  writer.Raw("depcache.unit.v1\n");
  writer.U32(static_cast<std::uint32_t>(parts.size()));
  for (const auto& [name, value] : parts) {
    writer.String(name);
    writer.Id(HashAs<PartDigest>(value));
  }
  writer.U32(static_cast<std::uint32_t>(deps.size()));
  for (const UnitRef& dep : deps) {
    writer.Id(dep.key);
    writer.Id(dep.output);
  }
  return HashAs<UnitKey>(writer.bytes());
}

}  // namespace depcache
