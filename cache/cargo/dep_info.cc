#include "cache/cargo/dep_info.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "cache/base/codec.h"
#include "cache/base/status.h"

namespace depcache {
namespace {

constexpr std::uint32_t kMaxEntries = 1 << 20;
constexpr std::size_t kMaxTextBytes = 1 << 20;  // environment values may be long
constexpr std::uint8_t kVersion = 1;

// "One file of unknown kind": Cargos older than the format stop here.
constexpr std::uint32_t kMarkerCount = 1;
constexpr std::uint8_t kMarkerKind = 0xFF;

DepInfoFile ReadFileEntry(Reader& reader) {
  DepInfoFile file;
  const std::uint8_t root = reader.U8();
  if (root > static_cast<std::uint8_t>(DepInfoRoot::kBuildDir)) reader.Fail("unknown root");
  file.root = static_cast<DepInfoRoot>(root);
  file.path = reader.String(kMaxTextBytes);
  if (reader.Bool()) {
    DepInfoChecksum checksum;
    checksum.size_bytes = reader.U64();
    checksum.text = reader.String(kMaxTextBytes);
    file.checksum = std::move(checksum);
  }
  return file;
}

DepInfoVariable ReadVariable(Reader& reader) {
  DepInfoVariable variable;
  variable.name = reader.String(kMaxTextBytes);
  if (reader.Bool()) variable.value = std::string(reader.String(kMaxTextBytes));
  return variable;
}

}  // namespace

absl::StatusOr<DepInfo> ParseDepInfo(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.U32() != kMarkerCount || reader.U8() != kMarkerKind || reader.U8() != kVersion) {
    reader.Fail("unknown version");
  }
  DepInfo info;
  const std::uint32_t files = reader.Count(kMaxEntries, /*min_item_bytes=*/6);
  for (std::uint32_t i = 0; i < files && reader.ok(); ++i) {
    info.files.push_back(ReadFileEntry(reader));
  }
  const std::uint32_t variables = reader.Count(kMaxEntries, /*min_item_bytes=*/5);
  for (std::uint32_t i = 0; i < variables && reader.ok(); ++i) {
    info.variables.push_back(ReadVariable(reader));
  }
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("dep-info"));
  return info;
}

std::string Serialize(const DepInfo& info) {
  Writer writer;
  writer.U32(kMarkerCount);
  writer.U8(kMarkerKind);
  writer.U8(kVersion);
  writer.U32(static_cast<std::uint32_t>(info.files.size()));
  for (const DepInfoFile& file : info.files) {
    writer.U8(static_cast<std::uint8_t>(file.root));
    writer.String(file.path);
    writer.Bool(file.checksum.has_value());
    if (!file.checksum.has_value()) continue;
    writer.U64(file.checksum->size_bytes);
    writer.String(file.checksum->text);
  }
  writer.U32(static_cast<std::uint32_t>(info.variables.size()));
  for (const DepInfoVariable& variable : info.variables) {
    writer.String(variable.name);
    writer.Bool(variable.value.has_value());
    if (variable.value.has_value()) writer.String(*variable.value);
  }
  return writer.Take();
}

DepInfo Sorted(DepInfo info) {
  std::sort(info.files.begin(), info.files.end());
  std::sort(info.variables.begin(), info.variables.end());
  return info;
}

}  // namespace depcache
