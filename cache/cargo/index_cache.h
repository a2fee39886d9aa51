// Cargo's cache of a registry index: one file per crate with a JSON line for
// each version. An offline build reads nothing else of a registry's index; a
// file with the locked version alone is enough for it.
//
// Format (Cargo's sources/registry/index/cache.rs, the same in 1.95 to 1.100):
//
//   file     := 3:u8 2:u32 revision:text entry*
//   entry    := version:text json:text
//   text     := bytes 0:u8
//
// 3 is the cache's version and 2 that of the index lines in it; Cargo deletes
// a file with others. The revision is "etag: …" or "Unknown"; online, Cargo
// asks the registry whether that one still holds.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache {

// The revision of a file whose origin is not known: online, Cargo reads the
// crate's index anew.
inline constexpr std::string_view kUnknownRevision = "Unknown";

struct IndexEntry {
  std::string version;
  std::string json;  // one line of the registry's index
  friend bool operator==(const IndexEntry&, const IndexEntry&) = default;
};

struct IndexCache {
  std::string revision = std::string(kUnknownRevision);
  std::vector<IndexEntry> entries;
  friend bool operator==(const IndexCache&, const IndexCache&) = default;
};

// What it accepts, Serialize writes back byte by byte.
// Errors: INVALID_ARGUMENT (malformed, another version, too large).
absl::StatusOr<IndexCache> ParseIndexCache(std::string_view bytes);

// The JSON line of one version, without reading the others; NOT_FOUND if the
// file has no such version. Borrows from `bytes`.
// Errors: also INVALID_ARGUMENT, as above.
absl::StatusOr<std::string_view> FindIndexLine(std::string_view bytes, std::string_view version);

std::string Serialize(const IndexCache& cache);

// `cache` and those of `added` whose version it has not. What it has stays as
// it is, with its revision: that speaks of the registry's file, and Cargo
// replaces ours by it when it has changed.
IndexCache Merged(IndexCache cache, const std::vector<IndexEntry>& added);

// What a line says of its package.
struct IndexLine {
  std::string name;
  std::string version;
  std::string checksum;  // SHA-256 of the .crate file, 64 hex digits
  friend bool operator==(const IndexLine&, const IndexLine&) = default;
};

// To be compared with Cargo.lock before a line from elsewhere is written.
// Errors: INVALID_ARGUMENT (too large, not JSON or not of a package, or with
// a byte that would end it in the file).
absl::StatusOr<IndexLine> ParseIndexLine(std::string_view json);

}  // namespace depcache
