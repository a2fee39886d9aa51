// Content that other build directories of this machine, *siblings*, have
// already: a second checkout is copied from the first, not fetched again.
//
// A sibling is a hint, never believed: it may have been built by anybody, be
// damaged, or change while it is read. What is read there counts only if it
// hashes to the name of the blob, which is for the caller to check.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <unordered_map>

#include <absl/status/status.h>

#include "cache/base/digest.h"
#include "client/restore/restore_plan.h"

namespace depcache::client {

// Immutable, so thread-safe.
class SiblingFiles {
 public:
  // Looks for the plan's files, by their path below `build_dir` and by size, in
  // each of `siblings`; the first that has one is taken. Files with roots in
  // them differ from what is stored and are not looked for. `plan` must outlive
  // this object.
  SiblingFiles(const RestorePlan& plan, const std::filesystem::path& build_dir,
               std::span<const std::filesystem::path> siblings);

  bool Has(const Digest& blob) const { return places_.contains(blob.hash); }

  // Reads what lies where `blob` should be, `plain.size()` bytes: those of the
  // blob. Only for what it Has. Errors: NOT_FOUND and others of the disk.
  absl::Status Read(const Digest& blob, std::span<char> plain) const;

 private:
  struct Place {
    const std::filesystem::path* sibling;
    const std::filesystem::path* file;  // the planned one
    std::uint64_t offset;
  };
  void Add(const PlannedFile& file, const std::filesystem::path& sibling);

  const std::filesystem::path build_dir_;
  const std::span<const std::filesystem::path> siblings_;
  std::unordered_map<BlobHash, Place> places_;
};

}  // namespace depcache::client
