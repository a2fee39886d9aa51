// From unit records to what has to be written where: pure, so that every rule
// of a restore is tested without a disk.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/base/digest.h"
#include "cache/layer/unit_record.h"
#include "client/cargo/machine_folders.h"

namespace depcache::client {

// What replaces the placeholders in stored content.
enum class Rendering {
  kNone,
  kText,     // rooted text
  kDepInfo,  // Cargo's dep-info with rooted paths and values in it
};

// The content as this machine has it. Errors: INVALID_ARGUMENT;
// FAILED_PRECONDITION (a folder that is not known here).
absl::StatusOr<std::string> Render(Rendering rendering, std::string_view stored,
                                   const RootMap& roots);

// Part of another planned file, written from the same bytes.
struct PlannedSlice {
  std::size_t file = 0;  // index of the file the bytes come from
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// One file to write. Exactly one of the sources is set.
struct PlannedFile {
  std::filesystem::path path;
  std::size_t unit = 0;  // index into the records
  bool is_executable = false;
  std::int64_t time = 0;

  std::optional<std::string> bytes;    // known already
  std::vector<Digest> blobs;           // to be fetched
  std::optional<PlannedSlice> slice;
  std::optional<std::string> link;     // symbolic link to this
  bool is_folder = false;              // an empty folder

  // With blobs: how the whole becomes what is written. Fetched files which
  // need it are put together in memory first.
  Rendering rendering = Rendering::kNone;
};

// What makes a unit complete, written after its files.
struct UnitFinish {
  bool is_written = false;  // false: on disk already, only counted
  std::int64_t time = 0;
  std::filesystem::path json_path;
  std::string json;
  std::filesystem::path hash_path;
  std::string hash_text;
  // Wiped before anything is written.
  std::vector<std::filesystem::path> own_folders;
};

struct RestorePlan {
  std::vector<UnitFinish> units;  // as the records
  std::vector<PlannedFile> files;  // sorted: files with most bytes first, slices after their source
};

// What is on disk of a unit already.
struct PresentUnit {
  // The unit is there, with the record's output: leave it alone.
  bool is_kept = false;
  // Newest time of its outputs, in seconds; for kept units.
  std::int64_t newest = 0;
};

struct RestoreInput {
  std::span<const UnitRecord> records;    // dependencies first
  std::span<const PresentUnit> present;   // as the records
  const MachineFolders& folders;
  // Newest time of an input outside CARGO_HOME's registry that Cargo compares
  // with the unit: absolute path -> seconds, nullopt if it is not there.
  std::function<std::optional<std::int64_t>(const std::filesystem::path&)> time_of;
};

// Errors: INVALID_ARGUMENT (a record's fingerprint does not parse; a dependency
// is not among the records before it), naming the package; FAILED_PRECONDITION
// (a folder the record needs is not known here).
absl::StatusOr<RestorePlan> MakeRestorePlan(const RestoreInput& input);

// The text of the hash file that Cargo computes for each record here.
// Errors: as MakeRestorePlan.
absl::StatusOr<std::vector<std::string>> HashTexts(std::span<const UnitRecord> records,
                                                   const MachineFolders& folders);

}  // namespace depcache::client
