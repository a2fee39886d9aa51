#include "client/cook/layer_download.h"

#include <set>

#include "cache/base/compress.h"
#include "cache/base/status.h"
#include "cache/layer/limits.h"

namespace depcache::client {
namespace {

constexpr std::size_t kMaxIndexBlobs = 64;

absl::StatusOr<std::string> Expand(const absl::StatusOr<std::string>& frame, const Digest& digest) {
  DEPCACHE_RETURN_IF_ERROR(frame.status());
  const absl::StatusOr<std::string> plain = DecompressFrame(*frame, kMaxBlobBytes);
  if (!plain.ok() || DigestOf(*plain) != digest) {
    return DataLoss("the server sent other bytes than were asked for");
  }
  return plain;
}

// All blobs in plain, or the first error.
absl::StatusOr<std::vector<std::string>> ReadAll(std::span<const Digest> digests, BlobStream& blobs,
                                                 std::uint64_t& received) {
  std::vector<std::string> all(digests.size());
  absl::Status status;
  DEPCACHE_RETURN_IF_ERROR(
      blobs.Read(digests, [&](std::size_t i, const absl::StatusOr<std::string>& frame) {
        absl::StatusOr<std::string> plain = Expand(frame, digests[i]);
        if (!plain.ok()) {
          status = plain.status();
          return false;
        }
        received += frame->size();
        all[i] = *std::move(plain);
        return true;
      }));
  DEPCACHE_RETURN_IF_ERROR(status);
  return all;
}

absl::Status CheckRecord(const UnitRecord& record, const LayerUnit& entry, LayoutKind layout,
                         const std::set<UnitRef>& before) {
  if (record.key != entry.ref.key || OutputOf(record) != entry.ref.output ||
      record.layout != layout) {
    return DataLoss("the record of {} is not the unit the layer names", record.package.name);
  }
  for (const UnitRef& dep : record.deps) {
    if (!before.contains(dep)) {
      return DataLoss("{} comes before a unit it depends on", record.package.name);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LayerDownload> DownloadLayer(const LayerVariant& variant, BlobStream& blobs) {
  if (variant.index.empty() || variant.index.size() > kMaxIndexBlobs) {
    return DataLoss("the layer's index has {} pieces", variant.index.size());
  }
  std::uint64_t received = 0;
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<std::string> pieces,
                            ReadAll(variant.index, blobs, received));
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  absl::StatusOr<LayerIndex> index = DecodeLayerIndex(text);
  if (!index.ok()) return DataLoss("{}", MessageOf(index.status()));
  DEPCACHE_ASSIGN_OR_RETURN(LayerDownload layer, DownloadRecords(*std::move(index), blobs));
  layer.bytes_received += received;
  return layer;
}

absl::StatusOr<LayerDownload> DownloadRecords(LayerIndex index, BlobStream& blobs) {
  LayerDownload layer;
  layer.index = std::move(index);
  std::vector<Digest> digests;
  for (const LayerUnit& unit : layer.index.units) digests.push_back(unit.record);
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<std::string> bytes,
                            ReadAll(digests, blobs, layer.bytes_received));
  std::set<UnitRef> before;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    absl::StatusOr<UnitRecord> record = DecodeUnitRecord(bytes[i]);
    if (!record.ok()) return DataLoss("{}", MessageOf(record.status()));
    DEPCACHE_RETURN_IF_ERROR(
        CheckRecord(*record, layer.index.units[i], layer.index.layout, before));
    before.insert(layer.index.units[i].ref);
    layer.records.push_back(*std::move(record));
  }
  return layer;
}

absl::StatusOr<std::vector<PackageRecord>> DownloadPackages(std::span<const Digest> records,
                                                            BlobStream& blobs) {
  std::vector<PackageRecord> packages;
  DEPCACHE_RETURN_IF_ERROR(
      blobs.Read(records, [&](std::size_t i, const absl::StatusOr<std::string>& frame) {
        const absl::StatusOr<std::string> plain = Expand(frame, records[i]);
        if (!plain.ok()) return true;
        absl::StatusOr<PackageRecord> record = DecodePackageRecord(*plain);
        if (record.ok()) packages.push_back(*std::move(record));
        return true;
      }));
  return packages;
}

}  // namespace depcache::client
