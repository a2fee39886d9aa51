// A layer as the server has it, up to its records: what a restore is made from.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/layer/layer_index.h"
#include "cache/layer/unit_record.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

struct LayerDownload {
  LayerIndex index;
  std::vector<UnitRecord> records;  // in the order of the index
  std::uint64_t bytes_received = 0;
};

// Fetches index and unit records; every byte is checked against the name it
// was asked by, every record against its entry.
// Errors: DATA_LOSS (bytes are not what their names say, or do not decode);
// NOT_FOUND (evicted meanwhile); of the stream.
absl::StatusOr<LayerDownload> DownloadLayer(const LayerVariant& variant, BlobStream& blobs);

// Only the records, of an index that is known.
// Errors: as DownloadLayer.
absl::StatusOr<LayerDownload> DownloadRecords(LayerIndex index, BlobStream& blobs);

// Package records of the layer, likewise. Those that cannot be had are left out.
absl::StatusOr<std::vector<PackageRecord>> DownloadPackages(std::span<const Digest> records,
                                                            BlobStream& blobs);

}  // namespace depcache::client
