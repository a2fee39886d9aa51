#include "cache/layer/layer_index.h"

#include "cache/base/codec.h"
#include "cache/base/status.h"
#include "cache/layer/limits.h"

namespace depcache {
namespace {

constexpr std::string_view kIndexMagic = "dcl1";
constexpr std::string_view kPackageMagic = "dcp1";

void EncodeDigest(Writer& writer, const Digest& digest) {
  writer.Id(digest.hash);
  writer.U32(static_cast<std::uint32_t>(digest.size_bytes));
}

Digest DecodeRecordDigest(Reader& reader) {
  Digest digest{reader.Id<BlobTag>(), reader.U32()};
  if (digest.size_bytes > kMaxRecordBytes) reader.Fail("a record is too large");
  return digest;
}

}  // namespace

std::string Encode(const LayerIndex& index) {
  Writer writer;
  writer.Raw(kIndexMagic);
  writer.U8(static_cast<std::uint8_t>(index.layout));
  writer.U32(index.left_out);
  writer.U32(static_cast<std::uint32_t>(index.units.size()));
  for (const LayerUnit& unit : index.units) {
    writer.Id(unit.ref.key);
    writer.Id(unit.ref.output);
    EncodeDigest(writer, unit.record);
  }
  writer.U32(static_cast<std::uint32_t>(index.packages.size()));
  for (const Digest& package : index.packages) EncodeDigest(writer, package);
  return writer.Take();
}

absl::StatusOr<LayerIndex> DecodeLayerIndex(std::string_view bytes) {
  Reader reader(bytes);
  LayerIndex index;
  if (reader.Raw(kIndexMagic.size()) != kIndexMagic) reader.Fail("unknown version");
  const std::uint8_t layout = reader.U8();
  if (layout < 1 || layout > 3) reader.Fail("unknown layout");
  index.layout = static_cast<LayoutKind>(layout);
  index.left_out = reader.U32();
  index.units.resize(reader.Count(kMaxLayerUnits, 100));
  for (LayerUnit& unit : index.units) {
    unit.ref.key = reader.Id<UnitKeyTag>();
    unit.ref.output = reader.Id<OutputTag>();
    unit.record = DecodeRecordDigest(reader);
  }
  index.packages.resize(reader.Count(kMaxLayerPackages, 36));
  for (Digest& package : index.packages) package = DecodeRecordDigest(reader);
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("layer index"));
  return index;
}

std::string Encode(const PackageRecord& record) {
  Writer writer;
  writer.Raw(kPackageMagic);
  Encode(writer, record.package);
  writer.String(record.index_line);
  writer.Bool(!record.crate.empty());
  if (!record.crate.empty()) EncodeBlobList(writer, record.crate);
  return writer.Take();
}

absl::StatusOr<PackageRecord> DecodePackageRecord(std::string_view bytes) {
  Reader reader(bytes);
  PackageRecord record;
  if (reader.Raw(kPackageMagic.size()) != kPackageMagic) reader.Fail("unknown version");
  record.package = DecodePackageId(reader);
  record.index_line = reader.String(kMaxIndexLineBytes);
  if (record.index_line.find('\n') != std::string::npos) reader.Fail("an index line is not one line");
  if (reader.Bool()) record.crate = DecodeBlobList(reader);
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("package record"));
  return record;
}

}  // namespace depcache
