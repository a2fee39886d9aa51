// Between protobuf messages and our values. What arrives is checked here once;
// behind it an invalid hash or a too long list cannot exist.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/base/digest.h"
#include "cache/layer/predicate.h"
#include "cache/layer/unit_record.h"
#include "depcache/v1/types.pb.h"

namespace depcache {

// Largest message either side sends: others keep gRPC's default limit of
// 4 MiB, and framing needs some of it.
inline constexpr std::size_t kMaxMessageBytes = (4 << 20) - (64 << 10);

void ToProto(const Digest& digest, v1::Digest* out);
// Errors: INVALID_ARGUMENT (hash of another length, or larger than a blob).
absl::StatusOr<Digest> FromProto(const v1::Digest& digest);

template <typename List>
void ToProto(std::span<const Digest> digests, List* out) {
  for (const Digest& digest : digests) ToProto(digest, out->Add());
}
template <typename List>
absl::StatusOr<std::vector<Digest>> DigestsFromProto(const List& list) {
  std::vector<Digest> digests;
  digests.reserve(static_cast<std::size_t>(list.size()));
  for (const v1::Digest& item : list) {
    absl::StatusOr<Digest> digest = FromProto(item);
    if (!digest.ok()) return digest.status();
    digests.push_back(*digest);
  }
  return digests;
}

void ToProto(const UnitRef& ref, v1::UnitRef* out);
absl::StatusOr<UnitRef> FromProto(const v1::UnitRef& ref);

void ToProto(const Predicate& predicate, v1::Predicate* out);
absl::StatusOr<Predicate> FromProto(const v1::Predicate& predicate);

// Ids one after the other, 32 bytes each.
template <typename Tag>
std::string Pack(std::span<const Sha256Id<Tag>> ids) {
  std::string packed;
  packed.reserve(ids.size() * Sha256Id<Tag>::kSize);
  for (const Sha256Id<Tag>& id : ids) packed += id.AsBytes();
  return packed;
}
// Errors: INVALID_ARGUMENT (length no multiple of 32, or more than `max_ids`).
absl::StatusOr<std::vector<BlobHash>> UnpackBlobHashes(std::string_view packed,
                                                       std::size_t max_ids);
absl::StatusOr<std::vector<BuildKey>> UnpackBuildKeys(std::string_view packed,
                                                      std::size_t max_ids);
absl::StatusOr<std::vector<PartDigest>> UnpackPartDigests(std::string_view packed,
                                                          std::size_t max_ids);

}  // namespace depcache
