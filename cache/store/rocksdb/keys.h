// Layout of every key and value in the database; nobody else builds one.
//
// Schema version 1. Integers are little-endian and of fixed width, a str is a
// u32 length and its bytes (cache/base/codec.h).
//
//   column family  key                             value
//   default        "schema"                        version:u32
//   default        "unflushed"                     ; empty, never read
//   blob_index     hash:32                         row
//   blob_ref       scope:16 hash:32                ; empty
//   layer          scope:16 recipe:32 variant:32   layer
//   unit           scope:16 key:32 output:32 variant:32   unit
//   package        scope:16 checksum:32            package
//   report         scope:16 key:32 output:32       reported
//   gen-NNNNNN     hash:32                         payload
//
//   row     := 1:u8 generation:u32 plain_bytes:u32 stored_bytes:u32
//   layer   := 1:u8 created:u64 principal:str unit_count:u32 plain_bytes:u64
//              compile_ms:u64 predicates count:u32 digest* count:u32 part*
//   part    := name:str value_digest:32 digest
//   unit    := 1:u8 created:u64 principal:str record:digest predicates
//   package := 1:u8 record:digest
//   reported := 1:u8 state:u8 answered:u64 count:u32 report*
//   report  := principal:str reason:u8 created:u64 text:str
//   digest  := hash:32 size_bytes:u64
//   payload := "dcb1" codec:u8 0:u8 0:u8 0:u8 plain_bytes:u32 frame_bytes:u32
//              checksum:u64 frame
//
// predicates: cache/layer/predicate.h. codec 1 is a zstd frame. The checksum
// is XXH3-64 of the frame, with the XXH3-64 of the hash and of the 16 bytes
// before the checksum as its seed: so it also covers the header, and which
// blob the payload belongs to.
//
// variant is VariantOf(predicates), of a layer or a unit. Rows of units that
// were written before they had one end after the output, and are read still.
//
// A value of another version or above a limit does not decode; readers take it
// for missing.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "cache/base/digest.h"
#include "cache/store/catalog.h"

namespace depcache {

inline constexpr std::uint32_t kSchemaVersion = 1;
inline constexpr std::string_view kSchemaKey = "schema";
inline constexpr std::string_view kUnflushedKey = "unflushed";
inline constexpr std::size_t kPayloadHeaderBytes = 24;

std::string EncodeSchemaVersion(std::uint32_t version);
// Errors: INVALID_ARGUMENT.
absl::StatusOr<std::uint32_t> DecodeSchemaVersion(std::string_view value);

// "gen-000001".
std::string GenerationName(std::uint32_t number);
// nullopt unless GenerationName makes `name`.
std::optional<std::uint32_t> ParseGenerationName(std::string_view name);

// Where a blob is.
struct BlobRow {
  std::uint32_t generation = 0;
  std::uint32_t plain_bytes = 0;
  std::uint32_t stored_bytes = 0;
  friend bool operator==(const BlobRow&, const BlobRow&) = default;
};
std::string Encode(const BlobRow& row);
// Errors: INVALID_ARGUMENT.
absl::StatusOr<BlobRow> DecodeBlobRow(std::string_view value);

std::string RefKey(const ScopeKey& scope, const BlobHash& hash);
// The hash of a RefKey. Errors: INVALID_ARGUMENT.
absl::StatusOr<BlobHash> HashOfRefKey(std::string_view key);

// What the keys of all variants of a recipe, all outputs of a unit, or all
// layers of a scope begin with.
std::string LayerPrefix(const ScopeKey& scope, const RecipeHash& recipe);
std::string UnitPrefix(const ScopeKey& scope, const UnitKey& key);
inline constexpr std::size_t kEntryPrefixBytes = 16 + 32;

std::string LayerKey(const ScopeKey& scope, const RecipeHash& recipe, const PartDigest& variant);
// What the keys of all variants of a unit begin with; the key of a report.
std::string UnitRowKey(const ScopeKey& scope, const UnitRef& unit);
std::string UnitEntryKey(const ScopeKey& scope, const UnitEntry& unit);
std::string PackageKey(const ScopeKey& scope, const PartDigest& checksum);

std::string Encode(const LayerRecord& layer);
std::string Encode(const UnitEntry& unit);
std::string Encode(const PackageEntry& package);
std::string Encode(const ReportedUnit& reported);
// What a key says comes from the key. Errors: INVALID_ARGUMENT.
absl::StatusOr<LayerRecord> DecodeLayer(std::string_view key, std::string_view value);
absl::StatusOr<UnitEntry> DecodeUnit(std::string_view key, std::string_view value);
absl::StatusOr<PackageEntry> DecodePackage(std::string_view key, std::string_view value);
absl::StatusOr<ReportedUnit> DecodeReported(std::string_view key, std::string_view value);

// The bytes before `frame` in its payload.
std::string PayloadHeader(const BlobHash& hash, std::uint32_t plain_bytes, std::string_view frame);

struct Payload {
  std::uint32_t plain_bytes = 0;
  std::string_view frame;  // borrows
};
// Errors: DATA_LOSS (checksum or header wrong, or the payload of another blob).
absl::StatusOr<Payload> CheckPayload(const BlobHash& hash, std::string_view value);

}  // namespace depcache
