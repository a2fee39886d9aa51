#include <algorithm>
#include <tuple>
#include <vector>

#include "cache/base/codec.h"
#include "cache/layer/unit_record.h"

namespace depcache {
namespace {

// Type and content of a file, however the content is stored. A slice counts by
// its place in the file it is part of, whose content counts itself.
void AddContent(Writer& writer, const UnitRecord& record, const UnitFile& file) {
  if (const auto* link = std::get_if<LinkContent>(&file.content)) {
    writer.U8('l');
    writer.String(link->target);
  } else if (const auto* slice = std::get_if<SliceContent>(&file.content)) {
    const UnitFile& whole = record.files[slice->file];
    writer.U8('s');
    writer.U8(static_cast<std::uint8_t>(whole.role));
    writer.String(whole.name);
    writer.U64(slice->offset);
    writer.U64(slice->size);
  } else if (const auto* blobs = std::get_if<BlobContent>(&file.content)) {
    writer.U8('f');
    writer.Id(blobs->hash);
  } else if (const auto* small = std::get_if<InlineContent>(&file.content)) {
    writer.U8('f');
    writer.Id(HashAs<BlobHash>(small->bytes));
  } else {
    writer.U8('d');
  }
}

}  // namespace

OutputDigest OutputOf(const UnitRecord& record) {
  std::vector<const UnitFile*> files;
  files.reserve(record.files.size());
  for (const UnitFile& file : record.files) files.push_back(&file);
  std::sort(files.begin(), files.end(), [](const UnitFile* a, const UnitFile* b) {
    return std::tie(a->role, a->name) < std::tie(b->role, b->name);
  });
  Writer writer;
  writer.Raw("depcache.output.v1\n");
  writer.U32(static_cast<std::uint32_t>(files.size()));
  for (const UnitFile* file : files) {
    writer.U8(static_cast<std::uint8_t>(file->role));
    writer.String(file->name);
    writer.Bool(file->is_executable);
    writer.Bool(file->is_rooted);
    AddContent(writer, record, *file);
  }
  return HashAs<OutputDigest>(writer.bytes());
}

}  // namespace depcache
