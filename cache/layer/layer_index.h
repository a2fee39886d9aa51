// What a layer consists of, and the record of one package's sources.
//
// Stored forms, version 1:
//
//   index    := "dcl1" layout:u8 left_out:u32 units packages
//   units    := count:u32 (key:32 output:32 record:32 record_size:u32)*
//               ; a unit comes after the units it depends on
//   packages := count:u32 (record:32 record_size:u32)*
//
//   package  := "dcp1" name:str version:str source:str checksum:str
//               index_line:str has_crate:u8 [count:u32 (blob:32 size:u32)*]
//
// Both are blobs; an index larger than one blob is cut like a file.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/base/digest.h"
#include "cache/layer/unit_record.h"

namespace depcache {

struct LayerUnit {
  UnitRef ref;
  Digest record;  // blob of the UnitRecord
  friend bool operator==(const LayerUnit&, const LayerUnit&) = default;
};

struct LayerIndex {
  LayoutKind layout = LayoutKind::kClassic;
  // Units of the recipe that could not be shared: cargo compiles them after a
  // restore. 0: the layer is all there is to do.
  std::uint32_t left_out = 0;
  std::vector<LayerUnit> units;
  std::vector<Digest> packages;  // blobs of PackageRecords
  friend bool operator==(const LayerIndex&, const LayerIndex&) = default;
};

std::string Encode(const LayerIndex& index);
// Errors: INVALID_ARGUMENT.
absl::StatusOr<LayerIndex> DecodeLayerIndex(std::string_view bytes);

// Sources of a registry package, for builds without a network.
struct PackageRecord {
  PackageId package;
  // This version's line of the registry index, JSON; "" if unknown.
  std::string index_line;
  // The .crate file; empty if only the index line is known. The whole hashes
  // to package.checksum.
  std::vector<Digest> crate;
  friend bool operator==(const PackageRecord&, const PackageRecord&) = default;
};

std::string Encode(const PackageRecord& record);
// Errors: INVALID_ARGUMENT.
absl::StatusOr<PackageRecord> DecodePackageRecord(std::string_view bytes);

}  // namespace depcache
