#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace depcache {

// How Cargo arranges a build directory. Written to records: never renumber.
//
// The layout that Cargo 1.95 and older switch on with
// -Zbuild-dir-new-layout looks like kV2 and is not (build scripts have a hash
// in their names and a hard link). Nothing on disk tells it apart: whoever
// runs Cargo refuses kV2 for a Cargo before 1.96.
enum class LayoutKind : std::uint8_t {
  // deps/, build/, .fingerprint/: every stable Cargo up to 1.99.
  kClassic = 1,
  // build/<package>/<hash>/{fingerprint,out,run}: default from 1.100.
  kV2 = 2,
  // Not Cargo's: files of a Go module cache and a Go build cache, by their
  // paths below both (cache/go/layer_paths.h). The unit's place is empty.
  kGo = 3,
};

// What a unit is to us. Written to records: never renumber.
enum class UnitKind : std::uint8_t {
  kOther = 0,        // a binary, test, example or documentation: never stored
  kLib = 1,          // a library target, compiled or only checked
  kProcMacro = 2,    // a library the compiler loads
  kScriptBuild = 3,  // compilation of a build script
  kScriptRun = 4,    // one run of a build script
  // A library compiled to a dylib or cdylib, alone or beside an rlib. In kV2
  // the names of its files have no hash.
  kDynamicLib = 5,
  kGo = 6,  // a Go module or package; only, and always, with LayoutKind::kGo
};

// What a file of a unit is for; with the unit's place it determines the path.
// Written to records: never renumber.
enum class FileRole : std::uint8_t {
  kRlib = 1,
  kRmeta = 2,
  kSharedObject = 3,   // a proc-macro, or a dylib or cdylib
  kStaticArchive = 4,  // a staticlib beside the rlib
  kScriptExe = 5,      // the build script
  kDepInfo = 6,        // fingerprint/dep-…, Cargo's own binary form
  kStdout = 7,         // what the build script printed; Cargo parses it again
  kOutDirEntry = 8,    // file, link or empty folder below OUT_DIR; any file of a Go unit
  kDwarfObject = 9,    // .dwo of split-debuginfo=unpacked
};

// Which unit of which build directory, apart from how it is laid out.
// All fields are single path components; `triple` may be empty.
struct UnitPlace {
  std::string triple;            // folder of --target, "" for the host's own
  std::string profile_dir;       // "debug", "release", or a custom profile's name
  std::string package;           // "serde_json"
  std::string hash;              // Cargo's unit hash, 16 hex digits
  std::string fingerprint_file;  // "lib-serde_json", "run-build-script-build-script-build"
  std::string crate_name;        // "serde_json"; "build_script_build" for scripts
  UnitKind kind = UnitKind::kLib;

  friend auto operator<=>(const UnitPlace&, const UnitPlace&) = default;
};

}  // namespace depcache
