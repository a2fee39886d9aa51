#include "cache/layer/predicate.h"

#include <algorithm>

#include "cache/layer/limits.h"

namespace depcache {

PartDigest PredicateValue(PredicateKind kind, std::string_view name, std::string_view value) {
  Writer writer;
  writer.Raw("depcache.predicate.v1\n");
  writer.U8(static_cast<std::uint8_t>(kind));
  writer.String(name);
  // A file may be large; its length is hashed apart so that nothing is copied.
  writer.U64(value.size());
  Sha256Hasher hasher;
  hasher.Update(writer.bytes());
  hasher.Update(value);
  return PartDigest(hasher.Finish());
}

std::vector<Predicate> Normalized(std::vector<Predicate> predicates) {
  std::sort(predicates.begin(), predicates.end());
  predicates.erase(std::unique(predicates.begin(), predicates.end()), predicates.end());
  return predicates;
}

void Encode(Writer& writer, const std::vector<Predicate>& predicates) {
  writer.U32(static_cast<std::uint32_t>(predicates.size()));
  for (const Predicate& predicate : predicates) {
    writer.U8(static_cast<std::uint8_t>(predicate.kind));
    writer.String(predicate.name);
    writer.Bool(predicate.value.has_value());
    if (predicate.value) writer.Id(*predicate.value);
  }
}

std::vector<Predicate> DecodePredicates(Reader& reader) {
  std::vector<Predicate> predicates(reader.Count(kMaxPredicates, 6));
  for (Predicate& predicate : predicates) {
    const std::uint8_t kind = reader.U8();
    if (kind != 1 && kind != 2) reader.Fail("unknown kind of predicate");
    predicate.kind = static_cast<PredicateKind>(kind);
    predicate.name = reader.String(kMaxNameBytes);
    if (reader.Bool()) predicate.value = reader.Id<PartTag>();
    if (!reader.ok()) return {};
  }
  if (!std::is_sorted(predicates.begin(), predicates.end()) ||
      std::adjacent_find(predicates.begin(), predicates.end()) != predicates.end()) {
    reader.Fail("predicates are not in order");
  }
  return predicates;
}

PartDigest VariantOf(const std::vector<Predicate>& predicates) {
  Writer writer;
  writer.Raw("depcache.variant.v1\n");
  Encode(writer, predicates);
  return HashAs<PartDigest>(writer.bytes());
}

}  // namespace depcache
