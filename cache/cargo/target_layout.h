// Where the files of a unit lie in a build directory: the only place which
// joins a path of Cargo's. From Cargo's compiler/layout.rs and
// compilation_files.rs; both layouts were checked against real trees.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/unit_place.h"

namespace depcache {

// Maps units to paths, relative to the build directory, with '/' between
// components. Stateless; thread-safe.
class TargetLayout {
 public:
  virtual ~TargetLayout() = default;
  virtual LayoutKind kind() const = 0;

  // "release", "x86_64-unknown-linux-gnu/release": the folder Cargo locks.
  static std::string ProfileRoot(const UnitPlace& place);

  // The hash file whose presence and content make a unit fresh; its JSON twin.
  virtual std::string HashFile(const UnitPlace& place) const = 0;
  std::string JsonFile(const UnitPlace& place) const { return HashFile(place) + ".json"; }
  // OUT_DIR of a run unit.
  virtual std::string OutDir(const UnitPlace& place) const = 0;
  // A run unit's file which holds its OUT_DIR's absolute path.
  virtual std::string RootOutputFile(const UnitPlace& place) const = 0;
  // `name` is used for kDwarfObject and kOutDirEntry only: a relative path
  // that the caller has checked not to leave its folder.
  virtual std::string FilePath(const UnitPlace& place, FileRole role, std::string_view name) const = 0;
  // Folders which belong to this unit alone, for wiping it; no `deps/`.
  virtual std::vector<std::string> OwnFolders(const UnitPlace& place) const = 0;
  // The name a build script also has in its folder, as a hard link Cargo makes
  // again when it is absent; "" if there is none.
  virtual std::string ScriptLink(const UnitPlace& place) const = 0;
};

// The layout object; lives for ever.
const TargetLayout& LayoutOf(LayoutKind kind);

struct LocatedUnit {
  LayoutKind layout;
  UnitPlace place;
};

// Reads a path of a hash file below the build directory, as Cargo logs it:
// "release/.fingerprint/serde-0123456789abcdef/lib-serde" or
// "release/build/serde/0123456789abcdef/fingerprint/lib-serde".
// `crate_name` is left empty; `kind` is set from the file name and stays kLib
// for proc-macros, which the path does not tell.
// Errors: INVALID_ARGUMENT.
absl::StatusOr<LocatedUnit> ParseHashFilePath(std::string_view path);

}  // namespace depcache
