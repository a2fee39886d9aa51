#include "cache/layer/unit_record.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "cache/base/codec.h"
#include "cache/base/status.h"
#include "cache/layer/limits.h"

namespace depcache {
namespace {

constexpr std::string_view kMagic = "dcu1";
constexpr std::size_t kMaxFingerprintBytes = 512 << 10;

// Written to records: never renumber.
enum class ContentType : std::uint8_t {
  kInline = 1,
  kBlobs = 2,
  kSlice = 3,
  kLink = 4,
  kFolder = 5
};

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

void EncodeContent(Writer& writer, const FileContent& content) {
  const auto type = [&](ContentType t) { writer.U8(static_cast<std::uint8_t>(t)); };
  std::visit(Overloaded{
                 [&](const InlineContent& c) {
                   type(ContentType::kInline);
                   writer.String(c.bytes);
                 },
                 [&](const BlobContent& c) {
                   type(ContentType::kBlobs);
                   writer.Id(c.hash);
                   EncodeBlobList(writer, c.blobs);
                 },
                 [&](const SliceContent& c) {
                   type(ContentType::kSlice);
                   writer.U32(c.file);
                   writer.U64(c.offset);
                   writer.U64(c.size);
                 },
                 [&](const LinkContent& c) {
                   type(ContentType::kLink);
                   writer.String(c.target);
                 },
                 [&](const FolderContent&) { type(ContentType::kFolder); },
             },
             content);
}

std::uint64_t PlainBytes(const std::vector<Digest>& blobs) {
  return std::accumulate(
      blobs.begin(), blobs.end(), std::uint64_t{0},
      [](std::uint64_t sum, const Digest& blob) { return sum + blob.size_bytes; });
}

// A link of OUT_DIR may point to a name beside, above or below it, never
// outside. ".." only at the start: behind another link it could lead anywhere.
bool IsSafeLink(std::string_view name, std::string_view target) {
  if (target.empty() || target.front() == '/' || target.find('\0') != std::string_view::npos) {
    return false;
  }
  auto depth = std::count(name.begin(), name.end(), '/');
  bool is_at_start = true;
  std::size_t pos = 0;
  while (pos <= target.size()) {
    const std::size_t slash = std::min(target.find('/', pos), target.size());
    const std::string_view part = target.substr(pos, slash - pos);
    if (part == "..") {
      if (!is_at_start || --depth < 0) return false;
    } else {
      is_at_start = false;
    }
    pos = slash + 1;
  }
  return true;
}

// No entry may lie behind a link: what is written there would go where the
// link points.
bool HasEntryBehindLink(const std::vector<UnitFile>& files) {
  std::set<std::string_view> links;
  for (const UnitFile& file : files) {
    if (std::holds_alternative<LinkContent>(file.content)) links.insert(file.name);
  }
  return std::any_of(files.begin(), files.end(), [&](const UnitFile& file) {
    for (std::size_t slash = file.name.find('/'); slash != std::string::npos;
         slash = file.name.find('/', slash + 1)) {
      if (links.contains(std::string_view(file.name).substr(0, slash))) return true;
    }
    return false;
  });
}

FileContent DecodeContent(Reader& reader, const std::vector<UnitFile>& before) {
  switch (static_cast<ContentType>(reader.U8())) {
    case ContentType::kInline:
      return InlineContent{std::string(reader.String(kMaxInlineBytes))};
    case ContentType::kBlobs: {
      BlobContent content{reader.Id<BlobTag>(), DecodeBlobList(reader)};
      if (PlainBytes(content.blobs) > kMaxFileBytes) reader.Fail("a file is too large");
      return content;
    }
    case ContentType::kSlice: {
      const SliceContent slice{reader.U32(), reader.U64(), reader.U64()};
      if (slice.file >= before.size()) {
        reader.Fail("a slice of a file that does not come before it");
        return slice;
      }
      const auto* whole = std::get_if<BlobContent>(&before[slice.file].content);
      const std::uint64_t size = whole == nullptr ? 0 : PlainBytes(whole->blobs);
      if (whole == nullptr || before[slice.file].is_rooted || slice.offset > size ||
          slice.size > size - slice.offset) {
        reader.Fail("a slice lies outside its file");
      }
      return slice;
    }
    case ContentType::kLink:
      return LinkContent{std::string(reader.String(kMaxNameBytes))};
    case ContentType::kFolder:
      return FolderContent{};
  }
  reader.Fail("unknown type of content");
  return FolderContent{};
}

// A Go unit has nothing but whole files with paths.
void CheckGoUnit(Reader& reader, const UnitRecord& record) {
  if (!StaysBelow(record.package.name) || !IsSafeComponent(record.package.version)) {
    reader.Fail("a Go unit has no path or no version");
  }
  if (!record.source_path.empty() || !record.fingerprint.empty() || !record.predicates.empty()) {
    reader.Fail("a Go unit has what only Cargo's units have");
  }
  for (const UnitFile& file : record.files) {
    const bool is_whole = std::holds_alternative<InlineContent>(file.content) ||
                          std::holds_alternative<BlobContent>(file.content);
    if (file.role != FileRole::kOutDirEntry || file.is_rooted || file.is_executable || !is_whole) {
      reader.Fail("a Go unit has something other than plain files");
    }
  }
}

void CheckFile(Reader& reader, const UnitFile& file) {
  const bool has_name = file.role == FileRole::kOutDirEntry || file.role == FileRole::kDwarfObject;
  if (has_name != !file.name.empty()) reader.Fail("a file has a name where its role has none");
  if (file.role == FileRole::kOutDirEntry && !StaysBelow(file.name)) {
    reader.Fail("a path leaves OUT_DIR");
  }
  if (file.role == FileRole::kDwarfObject && !IsSafeComponent(file.name)) {
    reader.Fail("a file name is not one component");
  }
  const auto* link = std::get_if<LinkContent>(&file.content);
  const bool is_folder = std::holds_alternative<FolderContent>(file.content);
  if ((link != nullptr || is_folder) && file.role != FileRole::kOutDirEntry) {
    reader.Fail("a link or folder outside OUT_DIR");
  }
  if (link != nullptr && !IsSafeLink(file.name, link->target)) reader.Fail("a link leaves OUT_DIR");
  if (file.is_rooted &&
      (link != nullptr || is_folder || std::holds_alternative<SliceContent>(file.content))) {
    reader.Fail("placeholders in something that is no file of its own");
  }
}

std::vector<UnitFile> DecodeFiles(Reader& reader) {
  const std::uint32_t count = reader.Count(kMaxUnitFiles, 9);
  std::vector<UnitFile> files;
  std::set<std::pair<FileRole, std::string>> seen;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    UnitFile file;
    const std::uint8_t role = reader.U8();
    if (role < 1 || role > 9) reader.Fail("unknown role of a file");
    file.role = static_cast<FileRole>(role);
    file.name = reader.String(kMaxNameBytes);
    file.is_executable = reader.Bool();
    file.is_rooted = reader.Bool();
    file.content = DecodeContent(reader, files);
    if (!reader.ok()) break;
    CheckFile(reader, file);
    if (!seen.emplace(file.role, file.name).second) reader.Fail("two files have one name");
    files.push_back(std::move(file));
  }
  if (HasEntryBehindLink(files)) reader.Fail("an entry of OUT_DIR lies behind a link");
  return files;
}

void EncodePlace(Writer& writer, const UnitPlace& place) {
  writer.U8(static_cast<std::uint8_t>(place.kind));
  writer.String(place.triple);
  writer.String(place.profile_dir);
  writer.String(place.package);
  writer.String(place.hash);
  writer.String(place.fingerprint_file);
  writer.String(place.crate_name);
}

UnitPlace DecodePlace(Reader& reader, LayoutKind layout) {
  UnitPlace place;
  const std::uint8_t kind = reader.U8();
  if (kind < 1 || kind > 6) reader.Fail("unknown kind of unit");
  place.kind = static_cast<UnitKind>(kind);
  if ((place.kind == UnitKind::kGo) != (layout == LayoutKind::kGo)) {
    reader.Fail("the kind of unit does not belong to the layout");
  }
  place.triple = reader.String(kMaxNameBytes);
  place.profile_dir = reader.String(kMaxNameBytes);
  place.package = reader.String(kMaxNameBytes);
  place.hash = reader.String(kMaxNameBytes);
  place.fingerprint_file = reader.String(kMaxNameBytes);
  place.crate_name = reader.String(kMaxNameBytes);
  if (layout == LayoutKind::kGo) {
    UnitPlace empty;
    empty.kind = UnitKind::kGo;
    if (place != empty) reader.Fail("a Go unit has a place");
    return place;
  }
  if (!place.triple.empty() && !IsSafeComponent(place.triple)) reader.Fail("bad target triple");
  for (const std::string* name : {&place.profile_dir, &place.package, &place.hash,
                                  &place.fingerprint_file, &place.crate_name}) {
    if (!IsSafeComponent(*name)) reader.Fail("a part of the unit's place is not one component");
  }
  return place;
}

}  // namespace

void Encode(Writer& writer, const PackageId& package) {
  writer.String(package.name);
  writer.String(package.version);
  writer.String(package.source);
  writer.String(package.checksum);
}

namespace {

PackageId ReadPackageId(Reader& reader) {
  PackageId package;
  package.name = reader.String(kMaxNameBytes);
  package.version = reader.String(kMaxNameBytes);
  package.source = reader.String(kMaxNameBytes);
  package.checksum = reader.String(64);
  if (!package.checksum.empty() && !BlobHash::FromHex(package.checksum).ok()) {
    reader.Fail("a package's checksum is not a SHA-256");
  }
  return package;
}

}  // namespace

PackageId DecodePackageId(Reader& reader) {
  PackageId package = ReadPackageId(reader);
  if (!IsSafeComponent(package.name)) reader.Fail("a package's name is not one component");
  if (!IsSafeComponent(package.version)) reader.Fail("a package's version is not one component");
  return package;
}

void EncodeBlobList(Writer& writer, const std::vector<Digest>& blobs) {
  writer.U32(static_cast<std::uint32_t>(blobs.size()));
  for (const Digest& blob : blobs) {
    writer.Id(blob.hash);
    writer.U32(static_cast<std::uint32_t>(blob.size_bytes));
  }
}

std::vector<Digest> DecodeBlobList(Reader& reader) {
  std::vector<Digest> blobs(reader.Count(kMaxFileBytes / kMaxBlobBytes, 36));
  for (Digest& blob : blobs) {
    blob.hash = reader.Id<BlobTag>();
    blob.size_bytes = reader.U32();
    if (blob.size_bytes > kMaxBlobBytes) reader.Fail("a blob is too large");
  }
  return blobs;
}

std::string Encode(const UnitRecord& record) {
  Writer writer;
  writer.Raw(kMagic);
  writer.U8(static_cast<std::uint8_t>(record.layout));
  writer.Id(record.key);
  Encode(writer, record.package);
  EncodePlace(writer, record.place);
  writer.String(record.source_path);
  writer.String(record.fingerprint);
  writer.U32(static_cast<std::uint32_t>(record.deps.size()));
  for (const UnitRef& dep : record.deps) {
    writer.Id(dep.key);
    writer.Id(dep.output);
  }
  Encode(writer, record.predicates);
  writer.U32(record.compile_ms);
  writer.U16(record.glibc_minor);
  writer.U32(static_cast<std::uint32_t>(record.files.size()));
  for (const UnitFile& file : record.files) {
    writer.U8(static_cast<std::uint8_t>(file.role));
    writer.String(file.name);
    writer.Bool(file.is_executable);
    writer.Bool(file.is_rooted);
    EncodeContent(writer, file.content);
  }
  return writer.Take();
}

absl::StatusOr<UnitRecord> DecodeUnitRecord(std::string_view bytes) {
  Reader reader(bytes);
  UnitRecord record;
  if (reader.Raw(kMagic.size()) != kMagic) reader.Fail("unknown version");
  const std::uint8_t layout = reader.U8();
  if (layout < 1 || layout > 3) reader.Fail("unknown layout");
  record.layout = static_cast<LayoutKind>(layout);
  record.key = reader.Id<UnitKeyTag>();
  const bool is_go = record.layout == LayoutKind::kGo;
  record.package = is_go ? ReadPackageId(reader) : DecodePackageId(reader);
  record.place = DecodePlace(reader, record.layout);
  record.source_path = reader.String(kMaxNameBytes);
  if (!record.source_path.empty() && !StaysBelow(record.source_path)) {
    reader.Fail("the source path leaves the package");
  }
  record.fingerprint = reader.String(kMaxFingerprintBytes);
  record.deps.resize(reader.Count(kMaxUnitDeps, 64));
  for (UnitRef& dep : record.deps) {
    dep.key = reader.Id<UnitKeyTag>();
    dep.output = reader.Id<OutputTag>();
  }
  record.predicates = DecodePredicates(reader);
  record.compile_ms = reader.U32();
  record.glibc_minor = reader.U16();
  record.files = DecodeFiles(reader);
  if (is_go && reader.ok()) CheckGoUnit(reader, record);
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("unit record"));
  return record;
}

std::uint64_t SizeOf(const UnitFile& file) {
  return std::visit(Overloaded{
                        [](const InlineContent& c) -> std::uint64_t { return c.bytes.size(); },
                        [](const BlobContent& c) { return PlainBytes(c.blobs); },
                        [](const SliceContent& c) { return c.size; },
                        [](const LinkContent&) -> std::uint64_t { return 0; },
                        [](const FolderContent&) -> std::uint64_t { return 0; },
                    },
                    file.content);
}

std::vector<Digest> BlobsOf(const UnitRecord& record) {
  std::vector<Digest> blobs;
  std::set<BlobHash> seen;
  for (const UnitFile& file : record.files) {
    const auto* content = std::get_if<BlobContent>(&file.content);
    if (content == nullptr) continue;
    for (const Digest& blob : content->blobs) {
      if (seen.insert(blob.hash).second) blobs.push_back(blob);
    }
  }
  return blobs;
}

bool IsSafeComponent(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

bool StaysBelow(std::string_view path) {
  std::size_t pos = 0;
  while (pos <= path.size()) {
    const std::size_t slash = std::min(path.find('/', pos), path.size());
    if (!IsSafeComponent(path.substr(pos, slash - pos))) return false;
    pos = slash + 1;
  }
  return true;
}

}  // namespace depcache
