// Cargo's own dependency information of a compiled unit: the file `dep-…`
// beside the hash file. It lists what the compiler read beyond the package:
// files and environment variables.
//
// Format, version 1, written by Cargo 1.85 to 1.100 (its
// compiler/fingerprint/dep_info.rs); integers little-endian:
//
//   dep-info := 1:u32 0xFF 1:u8 count:u32 file* count:u32 variable*
//   file     := root:u8 path:str checked:u8 (size:u64 checksum:str)?
//   variable := name:str set:u8 value:str?
//   str      := length:u32 bytes
//
// Cargo writes files in the order of a hash map: two equal builds may differ.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache {

// What a path in dep-info is relative to. Absolute paths have kBuildDir.
enum class DepInfoRoot : std::uint8_t { kPackage = 0, kBuildDir = 1 };

struct DepInfoChecksum {
  std::uint64_t size_bytes = 0;
  std::string text;  // "blake3=…"
  friend auto operator<=>(const DepInfoChecksum&, const DepInfoChecksum&) = default;
};

struct DepInfoFile {
  DepInfoRoot root = DepInfoRoot::kPackage;
  std::string path;  // bytes
  std::optional<DepInfoChecksum> checksum;
  friend auto operator<=>(const DepInfoFile&, const DepInfoFile&) = default;
};

struct DepInfoVariable {
  std::string name;
  std::optional<std::string> value;  // nullopt: not set
  friend auto operator<=>(const DepInfoVariable&, const DepInfoVariable&) = default;
};

struct DepInfo {
  std::vector<DepInfoFile> files;
  std::vector<DepInfoVariable> variables;
  friend bool operator==(const DepInfo&, const DepInfo&) = default;
};

// What it accepts, Serialize writes back byte by byte.
// Errors: INVALID_ARGUMENT (malformed, or another version).
absl::StatusOr<DepInfo> ParseDepInfo(std::string_view bytes);

std::string Serialize(const DepInfo& info);

// The same entries in order, so that equal ones have equal bytes. Cargo reads
// them in any order.
DepInfo Sorted(DepInfo info);

}  // namespace depcache
