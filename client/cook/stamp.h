// What depcache put into a build directory, kept there: which units are ours,
// with which output, and the sizes and times their files had then. A unit on
// disk counts as known only if its stamp still agrees; anything else may have
// been compiled by somebody else, against other dependencies.
//
// Stored form, version 2: the file `.depcache/units` of the build directory.
//
//   stamp := "dcs2" count:u32 unit*
//   unit  := hash_file:str key:32 output:32 record:32 record_size:u32 fingerprint:u64
//            predicates count:u32 (path:str size:u64 mtime_ns:u64)*

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/base/digest.h"
#include "cache/layer/unit_record.h"

namespace depcache::client {

struct StampedFile {
  std::string path;  // below the build directory
  std::uint64_t size_bytes = 0;
  std::uint64_t mtime_ns = 0;
};

struct UnitStamp {
  UnitRef ref;
  Digest record;                   // blob of the unit's record
  std::uint64_t fingerprint = 0;   // as in the hash file
  std::vector<Predicate> predicates;  // what it was built with, beyond its key
  std::vector<StampedFile> files;  // the hash file first
};

// By the unit's hash file, relative to the build directory.
using Stamps = std::map<std::string, UnitStamp>;

// Empty if there is none, or none that this version can read.
Stamps ReadStamps(const std::filesystem::path& build_dir);
absl::Status WriteStamps(const std::filesystem::path& build_dir, const Stamps& stamps);

// Sizes and times of a unit's files as they are now; hash file first. The
// caller sets `record`.
// Errors: NOT_FOUND if one is missing.
absl::StatusOr<UnitStamp> MakeStamp(const std::filesystem::path& build_dir,
                                    const UnitRecord& record, std::uint64_t fingerprint);

// Every file is as it was stamped.
bool IsUnchanged(const std::filesystem::path& build_dir, const UnitStamp& stamp);

}  // namespace depcache::client
