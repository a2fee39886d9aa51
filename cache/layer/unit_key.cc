#include "cache/layer/unit_key.h"

#include <algorithm>

#include <fmt/format.h>

#include "cache/base/codec.h"

namespace depcache {

UnitInputs UnitInputsOf(const UnitKeyParts& parts) {
  Writer writer;
  writer.Raw("depcache.unit-inputs.v1\n");
  writer.U32(static_cast<std::uint32_t>(parts.size()));
  for (const auto& [name, value] : parts) {
    writer.String(name);
    writer.Id(HashAs<PartDigest>(value));
  }
  return HashAs<UnitInputs>(writer.bytes());
}

UnitKey UnitKeyOf(const UnitInputs& inputs, std::vector<UnitRef> deps) {
  std::sort(deps.begin(), deps.end());
  Writer writer;
  writer.Raw("depcache.unit.v1\n");
  writer.Id(inputs);
  writer.U32(static_cast<std::uint32_t>(deps.size()));
  for (const UnitRef& dep : deps) {
    writer.Id(dep.key);
    writer.Id(dep.output);
  }
  return HashAs<UnitKey>(writer.bytes());
}

std::string TimeNameOf(const UnitPlace& place) {
  if (place.package.empty()) return "";
  return fmt::format("{}/{}/{}/{}", place.package, place.fingerprint_file, place.triple,
                     place.profile_dir);
}

BuildKey BuildKeyOf(const UnitInputs& inputs, std::vector<BuildKey> deps) {
  std::sort(deps.begin(), deps.end());
  Writer writer;
  writer.Raw("depcache.build.v1\n");
  writer.Id(inputs);
  writer.U32(static_cast<std::uint32_t>(deps.size()));
  for (const BuildKey& dep : deps) writer.Id(dep);
  return HashAs<BuildKey>(writer.bytes());
}

}  // namespace depcache
