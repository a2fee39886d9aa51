#include "client/cook/stamp.h"

#include <cerrno>

#include <sys/stat.h>

#include "cache/base/codec.h"
#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/cargo/target_layout.h"
#include "cache/layer/limits.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "dcs2";
constexpr std::string_view kStampFile = ".depcache/units";
constexpr std::uint64_t kMaxStampBytes = 256 << 20;
constexpr std::uint32_t kMaxUnits = 200'000;

absl::StatusOr<StampedFile> StampFile(const fs::path& build_dir, std::string path) {
  struct stat info {};
  if (lstat((build_dir / path).c_str(), &info) != 0) {
    return FromErrno(errno, fmt::format("stat {}", path));
  }
  const std::uint64_t mtime = static_cast<std::uint64_t>(info.st_mtim.tv_sec) * 1'000'000'000 +
                              static_cast<std::uint64_t>(info.st_mtim.tv_nsec);
  return StampedFile{std::move(path), static_cast<std::uint64_t>(info.st_size), mtime};
}

UnitStamp DecodeStamp(Reader& reader) {
  UnitStamp stamp;
  stamp.ref.key = reader.Id<UnitKeyTag>();
  stamp.ref.output = reader.Id<OutputTag>();
  stamp.record = Digest{reader.Id<BlobTag>(), reader.U32()};
  stamp.fingerprint = reader.U64();
  stamp.predicates = DecodePredicates(reader);
  stamp.files.resize(reader.Count(kMaxUnitFiles + 2, 20));
  for (StampedFile& file : stamp.files) {
    file.path = reader.String(kMaxNameBytes);
    file.size_bytes = reader.U64();
    file.mtime_ns = reader.U64();
  }
  return stamp;
}

}  // namespace

Stamps ReadStamps(const fs::path& build_dir) {
  const absl::StatusOr<std::string> bytes = ReadFile(build_dir / kStampFile, kMaxStampBytes);
  if (!bytes.ok()) return {};
  Reader reader(*bytes);
  if (reader.Raw(kMagic.size()) != kMagic) return {};
  Stamps stamps;
  const std::uint32_t count = reader.Count(kMaxUnits, 84);
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    std::string name(reader.String(kMaxNameBytes));
    stamps.emplace(std::move(name), DecodeStamp(reader));
  }
  return reader.Finish("stamps").ok() ? stamps : Stamps{};
}

absl::Status WriteStamps(const fs::path& build_dir, const Stamps& stamps) {
  Writer writer;
  writer.Raw(kMagic);
  writer.U32(static_cast<std::uint32_t>(stamps.size()));
  for (const auto& [name, stamp] : stamps) {
    writer.String(name);
    writer.Id(stamp.ref.key);
    writer.Id(stamp.ref.output);
    writer.Id(stamp.record.hash);
    writer.U32(static_cast<std::uint32_t>(stamp.record.size_bytes));
    writer.U64(stamp.fingerprint);
    Encode(writer, stamp.predicates);
    writer.U32(static_cast<std::uint32_t>(stamp.files.size()));
    for (const StampedFile& file : stamp.files) {
      writer.String(file.path);
      writer.U64(file.size_bytes);
      writer.U64(file.mtime_ns);
    }
  }
  const fs::path file = build_dir / kStampFile;
  DEPCACHE_RETURN_IF_ERROR(CreateDirectories(file.parent_path()));
  return WriteFileAtomic(file, writer.bytes());
}

absl::StatusOr<UnitStamp> MakeStamp(const fs::path& build_dir, const UnitRecord& record,
                                    std::uint64_t fingerprint) {
  const TargetLayout& layout = LayoutOf(record.layout);
  UnitStamp stamp;
  stamp.ref = {record.key, OutputOf(record)};
  stamp.fingerprint = fingerprint;
  stamp.predicates = record.predicates;
  const auto add = [&](std::string path) -> absl::Status {
    DEPCACHE_ASSIGN_OR_RETURN(StampedFile file, StampFile(build_dir, std::move(path)));
    stamp.files.push_back(std::move(file));
    return absl::OkStatus();
  };
  DEPCACHE_RETURN_IF_ERROR(add(layout.HashFile(record.place)));
  for (const UnitFile& file : record.files) {
    if (std::holds_alternative<FolderContent>(file.content)) continue;
    DEPCACHE_RETURN_IF_ERROR(add(layout.FilePath(record.place, file.role, file.name)));
  }
  return stamp;
}

bool IsUnchanged(const fs::path& build_dir, const UnitStamp& stamp) {
  for (const StampedFile& file : stamp.files) {
    const absl::StatusOr<StampedFile> now = StampFile(build_dir, file.path);
    if (!now.ok() || now->size_bytes != file.size_bytes || now->mtime_ns != file.mtime_ns) {
      return false;
    }
  }
  return !stamp.files.empty();
}

}  // namespace depcache::client
