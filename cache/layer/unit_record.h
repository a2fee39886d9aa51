// A unit as it is stored and sent: what it is, what it was built from, its
// files by role, and its fingerprint without the paths of any machine.
//
// Stored form, version 1 (cache/base/codec.h; integers little-endian):
//
//   record      := "dcu1" layout:u8 key:32 package place source_path:str
//                  fingerprint:str deps predicates compile_ms:u32
//                  glibc_minor:u16 files
//   package     := name:str version:str source:str checksum:str
//   place       := kind:u8 triple:str profile_dir:str package:str hash:str
//                  fingerprint_file:str crate_name:str
//   deps        := count:u32 (key:32 output:32)*
//   files       := count:u32 file*
//   file        := role:u8 name:str type:u8 is_executable:u8 is_rooted:u8
//                  content
//   content     := 1 bytes:str                      ; inline
//                | 2 hash:32 count:u32 (blob:32 size:u32)*
//                | 3 file:u32 offset:u64 size:u64   ; part of an earlier file
//                | 4 target:str                     ; symbolic link
//                | 5                                ; empty folder
//
// A record is a blob, named by the SHA-256 of these bytes. Limits: limits.h.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/codec.h"
#include "cache/base/digest.h"
#include "cache/cargo/unit_place.h"
#include "cache/layer/predicate.h"

namespace depcache {

// The package a unit belongs to, as Cargo.lock names it; of a Go unit the
// import path, the module's version ("std" for the standard library) and the
// module's path.
struct PackageId {
  std::string name;
  std::string version;
  std::string source;    // "registry+https://…", as in the lock
  std::string checksum;  // 64 hex digits, "" if the lock has none

  friend auto operator<=>(const PackageId&, const PackageId&) = default;
};

struct InlineContent {
  std::string bytes;
  friend bool operator==(const InlineContent&, const InlineContent&) = default;
};
// A file in pieces of kMaxBlobBytes, the last one shorter.
struct BlobContent {
  BlobHash hash;  // of the whole file
  std::vector<Digest> blobs;
  friend bool operator==(const BlobContent&, const BlobContent&) = default;
};
// An rmeta is a part of its rlib: neither stored nor sent twice.
struct SliceContent {
  std::uint32_t file = 0;  // index of an earlier file with BlobContent
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  friend bool operator==(const SliceContent&, const SliceContent&) = default;
};
struct LinkContent {
  std::string target;  // relative, stays below OUT_DIR
  friend bool operator==(const LinkContent&, const LinkContent&) = default;
};
struct FolderContent {
  friend bool operator==(const FolderContent&, const FolderContent&) = default;
};
using FileContent =
    std::variant<InlineContent, BlobContent, SliceContent, LinkContent, FolderContent>;

struct UnitFile {
  FileRole role = FileRole::kRlib;
  // kOutDirEntry: path below OUT_DIR, for a Go unit below the caches
  // (cache/go/layer_paths.h); kDwarfObject: file name; else empty.
  std::string name;
  bool is_executable = false;
  // The content is text with placeholders (rooted_text.h).
  bool is_rooted = false;
  FileContent content;

  friend bool operator==(const UnitFile&, const UnitFile&) = default;
};

// A dependency, by what it is and what it produced.
struct UnitRef {
  UnitKey key;
  OutputDigest output;
  friend auto operator<=>(const UnitRef&, const UnitRef&) = default;
};

struct UnitRecord {
  LayoutKind layout = LayoutKind::kClassic;
  UnitKey key;
  PackageId package;
  UnitPlace place;
  // The target's root source file, relative to the package; "" for runs.
  std::string source_path;
  // Cargo's fingerprint JSON in rooted form, with `path` 0 and, instead of
  // each dependency's hash, its index in `deps`.
  std::string fingerprint;
  // In the order of the fingerprint's own list.
  std::vector<UnitRef> deps;
  std::vector<Predicate> predicates;  // normalised
  std::uint32_t compile_ms = 0;       // 0: unknown
  // Largest y of a symbol version GLIBC_2.y that a file needs; 0: none.
  std::uint16_t glibc_minor = 0;
  std::vector<UnitFile> files;

  friend bool operator==(const UnitRecord&, const UnitRecord&) = default;
};

std::string Encode(const UnitRecord& record);

// Parts that other stored forms share.
void Encode(Writer& writer, const PackageId& package);
PackageId DecodePackageId(Reader& reader);
void EncodeBlobList(Writer& writer, const std::vector<Digest>& blobs);
std::vector<Digest> DecodeBlobList(Reader& reader);

// Reads and checks: every name, path, size and index is safe to use after.
// Errors: INVALID_ARGUMENT.
absl::StatusOr<UnitRecord> DecodeUnitRecord(std::string_view bytes);

// What the unit's output is, whoever built it: role, name, mode, type and
// content of each file, in order of (role, name). Not part of it: times,
// fingerprint, predicates, and which pieces a file is stored in.
OutputDigest OutputOf(const UnitRecord& record);

// Bytes the file has on disk before placeholders are replaced.
std::uint64_t SizeOf(const UnitFile& file);

// All blobs the record's files name, in order, without repetition.
std::vector<Digest> BlobsOf(const UnitRecord& record);

// A relative path which stays below the folder it is joined to: no empty,
// "." or ".." component, not absolute, no NUL.
bool StaysBelow(std::string_view path);
// One component: safe, and without '/'.
bool IsSafeComponent(std::string_view name);

}  // namespace depcache
