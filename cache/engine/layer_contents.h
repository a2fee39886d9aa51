// Reads a layer back from the blobs it consists of.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/engine/ticket_table.h"
#include "cache/layer/layer_index.h"
#include "cache/layer/unit_record.h"
#include "cache/store/blob_store.h"

namespace depcache {

// The plain bytes of each blob, or the digests that could not be had.
struct PlainBlobs {
  std::vector<std::string> bytes;  // one per digest asked for; valid if none is missing
  std::vector<Digest> missing;
};

// Reads, expands and checks blobs against their names. Blobs which turn out
// damaged count as missing.
PlainBlobs ReadPlain(BlobView& view, std::span<const Digest> digests);

struct LayerContents {
  LayerIndex index;
  std::vector<UnitRecord> units;        // in the order of the index
  std::vector<PackageRecord> packages;  // in the order of the index
  std::vector<Digest> missing;          // records or index blobs not to be had
  std::vector<Predicate> predicates;    // of all units, normalised
  std::uint64_t plain_bytes = 0;        // of all files
  std::uint64_t compile_ms = 0;

  // Every blob of the layer: index, records, files, sources. Sorted.
  BlobSet AllBlobs(std::span<const Digest> index_blobs) const;
};

// The index alone. Errors: INVALID_ARGUMENT; DATA_LOSS if a blob of it cannot
// be had.
absl::StatusOr<LayerIndex> ReadIndex(BlobView& view, std::span<const Digest> index_blobs);

// Loads a layer whose index is in `index_blobs`. When `missing` is not empty
// in the result, the rest is not complete.
// Errors: INVALID_ARGUMENT if the index or a record does not decode, a record
// does not match its entry, or a unit comes before one it depends on.
absl::StatusOr<LayerContents> LoadLayer(BlobView& view, std::span<const Digest> index_blobs);

}  // namespace depcache
