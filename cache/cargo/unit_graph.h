// Cargo's unit graph: what `cargo build --unit-graph` prints, as values. It has
// everything about a unit but its hash. From Cargo's compiler/unit_graph.rs,
// version 1.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/package_spec.h"

namespace depcache {

// What Cargo does for a unit.
enum class UnitMode {
  kBuild,
  kCheck,  // metadata only, of a crate or of its tests
  kTest,   // a test or benchmark executable
  kDoc,
  kDocTest,
  kDocScrape,
  kRunScript,  // run a build script
};

// What of the package is compiled.
struct GraphTarget {
  std::string name;                // "serde_json", "build-script-build"
  std::vector<std::string> kinds;  // "lib", "proc-macro", "custom-build", "bin" …; not empty
  std::vector<std::string> crate_types;  // "lib", "rlib", "cdylib", "bin" …
  std::string src_path;                  // root source file, absolute; "" if Cargo makes it up
};

// With which settings.
struct GraphProfile {
  std::string name;
  std::string json;             // all settings, compact, in Cargo's order
  std::string split_debuginfo;  // that setting; "" if it is not set
};

struct GraphDep {
  std::size_t unit = 0;  // index into the units
  std::string extern_name;
};

struct GraphUnit {
  std::string pkg_id;
  PackageSpec package;
  GraphTarget target;
  GraphProfile profile;
  UnitMode mode = UnitMode::kBuild;
  std::vector<std::string> features;
  std::string platform;           // target triple, "" for the host
  bool is_std = false;            // of the standard library (-Zbuild-std)
  bool has_artifact_dep = false;  // an edge marked as artifact dependency
  std::vector<GraphDep> deps;     // in Cargo's order
};

struct UnitGraph {
  std::vector<GraphUnit> units;
  std::vector<std::size_t> roots;  // what was asked for on the command line
};

// Every index in the result is in range. Fields it does not know are skipped.
// Errors: INVALID_ARGUMENT (malformed, too large, another version, an unknown
// mode or kind of source).
absl::StatusOr<UnitGraph> ParseUnitGraph(std::string_view json);

}  // namespace depcache
