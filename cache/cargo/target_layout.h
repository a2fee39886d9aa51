// Where the files of a unit lie in a build directory: the only place which
// joins a path of Cargo's. From Cargo's compiler/layout.rs and
// compilation_files.rs; both layouts were checked against real trees. File
// names are those of ELF platforms (lib….so, lib….a).

#pragma once

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
  std::string HashFile(const UnitPlace& place) const;
  std::string JsonFile(const UnitPlace& place) const { return HashFile(place) + ".json"; }
  // OUT_DIR of a run unit.
  std::string OutDir(const UnitPlace& place) const;
  // A run unit's file which holds its OUT_DIR's absolute path.
  std::string RootOutputFile(const UnitPlace& place) const;
  // `name` is used for kDwarfObject and kOutDirEntry only: a relative path
  // that the caller has checked not to leave its folder. With "" it is the
  // folder itself.
  std::string FilePath(const UnitPlace& place, FileRole role, std::string_view name) const;
  // Folders which belong to this unit alone, for wiping it; no `deps/`.
  virtual std::vector<std::string> OwnFolders(const UnitPlace& place) const = 0;
  // The name a build script also has in its folder, as a hard link Cargo makes
  // again when it is absent; "" if there is none.
  virtual std::string ScriptLink(const UnitPlace& place) const = 0;

 private:
  virtual std::string FingerprintDir(const UnitPlace& place) const = 0;
  // Where the compiler writes.
  virtual std::string OutputDir(const UnitPlace& place) const = 0;
  // Where Cargo keeps what a build script printed, and under which name.
  virtual std::string RunDir(const UnitPlace& place) const = 0;
  virtual std::string_view StdoutName() const = 0;
  // "serde-0123456789abcdef": the crate as its files are named.
  virtual std::string Stem(const UnitPlace& place) const = 0;
};

// The layout object; lives for ever.
const TargetLayout& LayoutOf(LayoutKind kind);

// How names of the unit's .dwo files begin; they end in ".dwo", lie in
// FilePath(place, kDwarfObject, "") and are not known before the build.
std::string DwarfObjectPrefix(LayoutKind layout, const UnitPlace& place);

struct LocatedUnit {
  LayoutKind layout = LayoutKind::kClassic;
  UnitPlace place;
};

// Reads a path of a hash file below the build directory, as Cargo logs it:
// "release/.fingerprint/serde-0123456789abcdef/lib-serde" or
// "release/build/serde/0123456789abcdef/fingerprint/lib-serde".
// `crate_name` is left empty; `kind` is set from the file name and is kLib for
// every library, as the path does not tell what it was compiled to.
// Errors: INVALID_ARGUMENT; a component that is unsafe in a path is one.
absl::StatusOr<LocatedUnit> ParseHashFilePath(std::string_view path);

}  // namespace depcache
