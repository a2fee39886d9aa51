#include "cache/engine/layer_contents.h"

#include <algorithm>
#include <set>

#include "cache/base/compress.h"
#include "cache/base/status.h"
#include "cache/layer/limits.h"

namespace depcache {
namespace {

constexpr std::size_t kMaxIndexBlobs = 64;

absl::StatusOr<std::string> Expand(const Frame& frame, const Digest& digest) {
  DEPCACHE_ASSIGN_OR_RETURN(std::string plain, DecompressFrame(frame.bytes, kMaxBlobBytes));
  if (DigestOf(plain) != digest) return DataLoss("blob is not what its name says");
  return plain;
}

absl::Status CheckUnit(const LayerUnit& entry, const UnitRecord& record,
                       const std::set<UnitRef>& before) {
  if (record.key != entry.ref.key || OutputOf(record) != entry.ref.output) {
    return InvalidArgument("the record of {} {} is not the unit the index names",
                           record.package.name, record.package.version);
  }
  for (const UnitRef& dep : record.deps) {
    if (!before.contains(dep)) {
      return InvalidArgument("{} {} comes before a unit it depends on", record.package.name,
                             record.package.version);
    }
  }
  return absl::OkStatus();
}

}  // namespace

PlainBlobs ReadPlain(BlobView& view, std::span<const Digest> digests) {
  std::vector<BlobHash> hashes;
  hashes.reserve(digests.size());
  for (const Digest& digest : digests) hashes.push_back(digest.hash);
  PlainBlobs result;
  result.bytes.resize(digests.size());
  view.Read(hashes, [&](std::size_t i, const absl::StatusOr<Frame>& frame) {
    absl::StatusOr<std::string> plain =
        frame.ok() ? Expand(*frame, digests[i]) : absl::StatusOr<std::string>(frame.status());
    if (plain.ok()) {
      result.bytes[i] = *std::move(plain);
    } else {
      result.missing.push_back(digests[i]);
    }
    return true;
  });
  return result;
}

BlobSet LayerContents::AllBlobs(std::span<const Digest> index_blobs) const {
  BlobSet all;
  const auto add = [&](const Digest& digest) { all.push_back(digest.hash); };
  std::for_each(index_blobs.begin(), index_blobs.end(), add);
  for (const LayerUnit& unit : index.units) add(unit.record);
  std::for_each(index.packages.begin(), index.packages.end(), add);
  for (const UnitRecord& unit : units) {
    const std::vector<Digest> blobs = BlobsOf(unit);
    std::for_each(blobs.begin(), blobs.end(), add);
  }
  for (const PackageRecord& package : packages) {
    std::for_each(package.crate.begin(), package.crate.end(), add);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

absl::StatusOr<LayerIndex> ReadIndex(BlobView& view, std::span<const Digest> index_blobs) {
  const PlainBlobs pieces = ReadPlain(view, index_blobs);
  if (!pieces.missing.empty()) return DataLoss("an index is not all there");
  std::string text;
  for (const std::string& piece : pieces.bytes) text += piece;
  return DecodeLayerIndex(text);
}

absl::StatusOr<LayerContents> LoadLayer(BlobView& view, std::span<const Digest> index_blobs) {
  if (index_blobs.empty() || index_blobs.size() > kMaxIndexBlobs) {
    return InvalidArgument("a layer index has {} blobs, want 1 to {}", index_blobs.size(),
                           kMaxIndexBlobs);
  }
  LayerContents contents;
  PlainBlobs pieces = ReadPlain(view, index_blobs);
  contents.missing = std::move(pieces.missing);
  if (!contents.missing.empty()) return contents;
  std::string text;
  for (const std::string& piece : pieces.bytes) text += piece;
  DEPCACHE_ASSIGN_OR_RETURN(contents.index, DecodeLayerIndex(text));

  std::vector<Digest> records;
  for (const LayerUnit& unit : contents.index.units) records.push_back(unit.record);
  records.insert(records.end(), contents.index.packages.begin(), contents.index.packages.end());
  PlainBlobs plain = ReadPlain(view, records);
  contents.missing = std::move(plain.missing);
  if (!contents.missing.empty()) return contents;

  std::set<UnitRef> before;
  const std::size_t unit_count = contents.index.units.size();
  for (std::size_t i = 0; i < unit_count; ++i) {
    DEPCACHE_ASSIGN_OR_RETURN(UnitRecord record, DecodeUnitRecord(plain.bytes[i]));
    DEPCACHE_RETURN_IF_ERROR(CheckUnit(contents.index.units[i], record, before));
    before.insert(contents.index.units[i].ref);
    for (const UnitFile& file : record.files) contents.plain_bytes += SizeOf(file);
    contents.compile_ms += record.compile_ms;
    contents.predicates.insert(contents.predicates.end(), record.predicates.begin(),
                               record.predicates.end());
    contents.units.push_back(std::move(record));
  }
  contents.predicates = Normalized(std::move(contents.predicates));
  for (std::size_t i = unit_count; i < records.size(); ++i) {
    DEPCACHE_ASSIGN_OR_RETURN(PackageRecord record, DecodePackageRecord(plain.bytes[i]));
    contents.packages.push_back(std::move(record));
  }
  return contents;
}

}  // namespace depcache
