#include "cache/store/rocksdb/keys.h"

#include <charconv>

#include <xxhash.h>

#include "cache/base/codec.h"
#include "cache/base/status.h"
#include "cache/layer/limits.h"

namespace depcache {
namespace {

constexpr std::uint8_t kRowVersion = 1;
constexpr std::string_view kPayloadMagic = "dcb1";
constexpr std::uint8_t kCodecZstd = 1;
constexpr std::size_t kPayloadChecksumAt = 16;
constexpr std::string_view kGenerationPrefix = "gen-";

constexpr std::size_t kDigestBytes = 32 + 8;
constexpr std::size_t kMinPartBytes = 4 + 32 + kDigestBytes;
constexpr std::size_t kMinReportBytes = 4 + 1 + 8 + 4;

void ReadVersion(Reader& reader) {
  if (reader.U8() != kRowVersion) reader.Fail("unknown version");
}

void Put(Writer& writer, const Digest& digest) {
  writer.Id(digest.hash);
  writer.U64(digest.size_bytes);
}

Digest ReadDigest(Reader& reader) {
  Digest digest;
  digest.hash = reader.Id<BlobTag>();
  digest.size_bytes = reader.U64();
  return digest;
}

ScopeKey ReadScope(Reader& reader) {
  ScopeKey scope;
  const std::string_view raw = reader.Raw(scope.bytes.size());
  raw.copy(scope.bytes.data(), raw.size());
  return scope;
}

std::uint64_t PayloadChecksum(const BlobHash& hash, std::string_view header,
                              std::string_view frame) {
  std::string bound(hash.AsBytes());
  bound += header.substr(0, kPayloadChecksumAt);
  return XXH3_64bits_withSeed(frame.data(), frame.size(), XXH3_64bits(bound.data(), bound.size()));
}

}  // namespace

std::string EncodeSchemaVersion(std::uint32_t version) {
  Writer writer;
  writer.U32(version);
  return writer.Take();
}

absl::StatusOr<std::uint32_t> DecodeSchemaVersion(std::string_view value) {
  Reader reader(value);
  const std::uint32_t version = reader.U32();
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("schema version"));
  return version;
}

std::string GenerationName(std::uint32_t number) {
  return fmt::format("{}{:06}", kGenerationPrefix, number);
}

std::optional<std::uint32_t> ParseGenerationName(std::string_view name) {
  if (!name.starts_with(kGenerationPrefix)) return std::nullopt;
  const std::string_view digits = name.substr(kGenerationPrefix.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (GenerationName(number) != name) return std::nullopt;
  return number;
}

std::string Encode(const BlobRow& row) {
  Writer writer;
  writer.U8(kRowVersion);
  writer.U32(row.generation);
  writer.U32(row.plain_bytes);
  writer.U32(row.stored_bytes);
  return writer.Take();
}

absl::StatusOr<BlobRow> DecodeBlobRow(std::string_view value) {
  Reader reader(value);
  ReadVersion(reader);
  BlobRow row;
  row.generation = reader.U32();
  row.plain_bytes = reader.U32();
  row.stored_bytes = reader.U32();
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("blob row"));
  return row;
}

std::string RefKey(const ScopeKey& scope, const BlobHash& hash) {
  return std::string(scope.AsBytes()).append(hash.AsBytes());
}

absl::StatusOr<BlobHash> HashOfRefKey(std::string_view key) {
  Reader reader(key);
  ReadScope(reader);
  const BlobHash hash = reader.Id<BlobTag>();
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("ref key"));
  return hash;
}

std::string LayerPrefix(const ScopeKey& scope, const RecipeHash& recipe) {
  return std::string(scope.AsBytes()).append(recipe.AsBytes());
}

std::string UnitPrefix(const ScopeKey& scope, const UnitKey& key) {
  return std::string(scope.AsBytes()).append(key.AsBytes());
}

std::string LayerKey(const ScopeKey& scope, const RecipeHash& recipe, const PartDigest& variant) {
  return LayerPrefix(scope, recipe).append(variant.AsBytes());
}

std::string UnitRowKey(const ScopeKey& scope, const UnitRef& unit) {
  return UnitPrefix(scope, unit.key).append(unit.output.AsBytes());
}

std::string UnitEntryKey(const ScopeKey& scope, const UnitEntry& unit) {
  return UnitRowKey(scope, unit.ref).append(VariantOf(unit.predicates).AsBytes());
}

std::string PackageKey(const ScopeKey& scope, const PartDigest& checksum) {
  return std::string(scope.AsBytes()).append(checksum.AsBytes());
}

std::string Encode(const LayerRecord& layer) {
  Writer writer;
  writer.U8(kRowVersion);
  writer.U64(static_cast<std::uint64_t>(layer.created));
  writer.String(layer.principal);
  writer.U32(layer.unit_count);
  writer.U64(layer.plain_bytes);
  writer.U64(layer.compile_ms);
  Encode(writer, layer.predicates);
  writer.U32(static_cast<std::uint32_t>(layer.index.size()));
  for (const Digest& digest : layer.index) Put(writer, digest);
  writer.U32(static_cast<std::uint32_t>(layer.trace.size()));
  for (const TracePart& part : layer.trace) {
    writer.String(part.name);
    writer.Id(part.digest);
    Put(writer, part.value);
  }
  return writer.Take();
}

absl::StatusOr<LayerRecord> DecodeLayer(std::string_view key, std::string_view value) {
  LayerRecord layer;
  Reader key_reader(key);
  ReadScope(key_reader);
  layer.recipe = key_reader.Id<RecipeTag>();
  layer.variant = key_reader.Id<PartTag>();
  DEPCACHE_RETURN_IF_ERROR(key_reader.Finish("layer key"));

  Reader reader(value);
  ReadVersion(reader);
  layer.created = static_cast<std::int64_t>(reader.U64());
  layer.principal = reader.String(kMaxNameBytes);
  layer.unit_count = reader.U32();
  layer.plain_bytes = reader.U64();
  layer.compile_ms = reader.U64();
  layer.predicates = DecodePredicates(reader);
  layer.index.resize(reader.Count(kMaxIndexBlobs, kDigestBytes));
  for (Digest& digest : layer.index) digest = ReadDigest(reader);
  layer.trace.resize(reader.Count(kMaxTraceParts, kMinPartBytes));
  for (TracePart& part : layer.trace) {
    part.name = reader.String(kMaxNameBytes);
    part.digest = reader.Id<PartTag>();
    part.value = ReadDigest(reader);
  }
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("layer record"));
  return layer;
}

std::string Encode(const UnitEntry& unit) {
  Writer writer;
  writer.U8(kRowVersion);
  writer.U64(static_cast<std::uint64_t>(unit.created));
  writer.String(unit.principal);
  Put(writer, unit.record);
  Encode(writer, unit.predicates);
  return writer.Take();
}

absl::StatusOr<UnitEntry> DecodeUnit(std::string_view key, std::string_view value) {
  UnitEntry unit;
  Reader key_reader(key);
  ReadScope(key_reader);
  unit.ref.key = key_reader.Id<UnitKeyTag>();
  unit.ref.output = key_reader.Id<OutputTag>();
  if (!key_reader.AtEnd()) key_reader.Id<PartTag>();  // the variant
  DEPCACHE_RETURN_IF_ERROR(key_reader.Finish("unit key"));

  Reader reader(value);
  ReadVersion(reader);
  unit.created = static_cast<std::int64_t>(reader.U64());
  unit.principal = reader.String(kMaxNameBytes);
  unit.record = ReadDigest(reader);
  unit.predicates = DecodePredicates(reader);
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("unit entry"));
  return unit;
}

std::string Encode(const PackageEntry& package) {
  Writer writer;
  writer.U8(kRowVersion);
  Put(writer, package.record);
  return writer.Take();
}

absl::StatusOr<PackageEntry> DecodePackage(std::string_view key, std::string_view value) {
  PackageEntry package;
  Reader key_reader(key);
  ReadScope(key_reader);
  package.checksum = key_reader.Id<PartTag>();
  DEPCACHE_RETURN_IF_ERROR(key_reader.Finish("package key"));

  Reader reader(value);
  ReadVersion(reader);
  package.record = ReadDigest(reader);
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("package entry"));
  return package;
}

std::string Encode(const ReportedUnit& reported) {
  Writer writer;
  writer.U8(kRowVersion);
  writer.U8(static_cast<std::uint8_t>(reported.state));
  writer.U64(static_cast<std::uint64_t>(reported.answered));
  writer.U32(static_cast<std::uint32_t>(reported.reports.size()));
  for (const UnitReport& report : reported.reports) {
    writer.String(report.principal);
    writer.U8(static_cast<std::uint8_t>(report.reason));
    writer.U64(static_cast<std::uint64_t>(report.created));
    writer.String(report.text);
  }
  return writer.Take();
}

absl::StatusOr<ReportedUnit> DecodeReported(std::string_view key, std::string_view value) {
  ReportedUnit reported;
  Reader key_reader(key);
  reported.scope = ReadScope(key_reader);
  reported.unit.key = key_reader.Id<UnitKeyTag>();
  reported.unit.output = key_reader.Id<OutputTag>();
  DEPCACHE_RETURN_IF_ERROR(key_reader.Finish("report key"));

  Reader reader(value);
  ReadVersion(reader);
  const std::uint8_t state = reader.U8();
  if (state < 1 || state > 3) reader.Fail("unknown state");
  reported.state = static_cast<ReportState>(state);
  reported.answered = static_cast<std::int64_t>(reader.U64());
  reported.reports.resize(reader.Count(kMaxUnitReports, kMinReportBytes));
  for (UnitReport& report : reported.reports) {
    report.principal = reader.String(kMaxNameBytes);
    const std::uint8_t reason = reader.U8();
    if (reason < 1 || reason > 3) reader.Fail("unknown reason");
    report.reason = static_cast<ReportReason>(reason);
    report.created = static_cast<std::int64_t>(reader.U64());
    report.text = reader.String(kMaxNameBytes);
  }
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("reports of a unit"));
  return reported;
}

std::string PayloadHeader(const BlobHash& hash, std::uint32_t plain_bytes, std::string_view frame) {
  Writer writer;
  writer.Raw(kPayloadMagic);
  writer.U8(kCodecZstd);
  writer.Raw(std::string_view("\0\0\0", 3));
  writer.U32(plain_bytes);
  writer.U32(static_cast<std::uint32_t>(frame.size()));
  writer.U64(PayloadChecksum(hash, writer.bytes(), frame));
  return writer.Take();
}

absl::StatusOr<Payload> CheckPayload(const BlobHash& hash, std::string_view value) {
  Reader reader(value);
  const std::string_view magic = reader.Raw(kPayloadMagic.size());
  const std::uint8_t codec = reader.U8();
  reader.Raw(3);
  Payload payload;
  payload.plain_bytes = reader.U32();
  const std::uint32_t frame_bytes = reader.U32();
  const std::uint64_t checksum = reader.U64();
  payload.frame = reader.Raw(frame_bytes);
  if (magic != kPayloadMagic || codec != kCodecZstd || !reader.Finish("payload").ok()) {
    return DataLoss("the stored form of blob {} is damaged", hash.ToShortHex());
  }
  if (PayloadChecksum(hash, value, payload.frame) != checksum) {
    return DataLoss("the stored bytes of blob {} do not match their checksum", hash.ToShortHex());
  }
  return payload;
}

}  // namespace depcache
