#include "cache/wire/convert.h"

#include "cache/base/status.h"
#include "cache/layer/limits.h"

namespace depcache {
namespace {

template <typename Tag>
absl::StatusOr<std::vector<Sha256Id<Tag>>> Unpack(std::string_view packed, std::size_t max_ids) {
  constexpr std::size_t kSize = Sha256Id<Tag>::kSize;
  if (packed.size() % kSize != 0) {
    return InvalidArgument("a list of hashes has {} bytes, no multiple of {}", packed.size(),
                           kSize);
  }
  if (packed.size() / kSize > max_ids) {
    return InvalidArgument("a list has {} hashes, above the limit of {}", packed.size() / kSize,
                           max_ids);
  }
  std::vector<Sha256Id<Tag>> ids;
  ids.reserve(packed.size() / kSize);
  for (std::size_t pos = 0; pos < packed.size(); pos += kSize) {
    ids.push_back(*Sha256Id<Tag>::FromBytes(packed.substr(pos, kSize)));
  }
  return ids;
}

}  // namespace

void ToProto(const Digest& digest, v1::Digest* out) {
  out->set_sha256(std::string(digest.hash.AsBytes()));
  out->set_size_bytes(digest.size_bytes);
}

absl::StatusOr<Digest> FromProto(const v1::Digest& digest) {
  DEPCACHE_ASSIGN_OR_RETURN(const BlobHash hash, BlobHash::FromBytes(digest.sha256()));
  if (digest.size_bytes() > kMaxBlobBytes) {
    return InvalidArgument("a blob of {} bytes is above the limit of {}", digest.size_bytes(),
                           kMaxBlobBytes);
  }
  return Digest{hash, digest.size_bytes()};
}

void ToProto(const UnitRef& ref, v1::UnitRef* out) {
  out->set_key(std::string(ref.key.AsBytes()));
  out->set_output_digest(std::string(ref.output.AsBytes()));
}

absl::StatusOr<UnitRef> FromProto(const v1::UnitRef& ref) {
  DEPCACHE_ASSIGN_OR_RETURN(const UnitKey key, UnitKey::FromBytes(ref.key()));
  DEPCACHE_ASSIGN_OR_RETURN(const OutputDigest output,
                            OutputDigest::FromBytes(ref.output_digest()));
  return UnitRef{key, output};
}

void ToProto(const Predicate& predicate, v1::Predicate* out) {
  out->set_kind(static_cast<v1::PredicateKind>(predicate.kind));
  out->set_name(predicate.name);
  if (predicate.value) out->set_value_digest(std::string(predicate.value->AsBytes()));
}

absl::StatusOr<Predicate> FromProto(const v1::Predicate& predicate) {
  Predicate out;
  if (predicate.kind() != v1::PREDICATE_KIND_ENV && predicate.kind() != v1::PREDICATE_KIND_FILE) {
    return InvalidArgument("unknown kind of predicate {}", static_cast<int>(predicate.kind()));
  }
  out.kind = static_cast<PredicateKind>(predicate.kind());
  if (predicate.name().size() > kMaxNameBytes) return InvalidArgument("a name is too long");
  out.name = predicate.name();
  if (!predicate.value_digest().empty()) {
    DEPCACHE_ASSIGN_OR_RETURN(out.value, PartDigest::FromBytes(predicate.value_digest()));
  }
  return out;
}

absl::StatusOr<std::vector<BlobHash>> UnpackBlobHashes(std::string_view packed,
                                                       std::size_t max_ids) {
  return Unpack<BlobTag>(packed, max_ids);
}

absl::StatusOr<std::vector<BuildKey>> UnpackBuildKeys(std::string_view packed,
                                                      std::size_t max_ids) {
  return Unpack<BuildKeyTag>(packed, max_ids);
}

absl::StatusOr<std::vector<PartDigest>> UnpackPartDigests(std::string_view packed,
                                                          std::size_t max_ids) {
  return Unpack<PartTag>(packed, max_ids);
}

}  // namespace depcache
