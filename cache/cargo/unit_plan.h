// The plan of a build: every unit Cargo would make, where its files lie, and
// which of them may be restored or shared. Joins Cargo's unit graph with the
// log of a refused build.
//
// Cargo walks the graph depth first from the roots and logs each unit when it
// first meets it, before its dependencies (`compile` in compiler/mod.rs). So
// the graph in that order and the log are the same list; names, versions and
// modes are compared all along.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/unit_graph.h"
#include "cache/cargo/unit_place.h"

namespace depcache {

// A unit of the graph (its deps are indices into UnitPlan::units, smaller than
// its own) and what the plan knows about it.
struct PlannedUnit : GraphUnit {
  UnitPlace place;
  bool is_root = false;
  bool is_path_package = false;
  // The sources of the package: where Cargo unpacked it, the checkout of its
  // repository, its folder in a directory source; "" if they are elsewhere.
  std::string package_root;
  // May be restored and shared: neither it nor anything it is built from is a
  // path package, has its sources elsewhere, or is of a kind we do not store.
  bool is_eligible = false;
  // Why it is not, for people: "is a path package", "stands on plib 0.1.0,
  // which is a path package"; "" if it is eligible.
  std::string skip_reason;
};

struct UnitPlan {
  LayoutKind layout = LayoutKind::kClassic;
  std::vector<PlannedUnit> units;  // in topological order, dependencies first
};

struct PlanInput {
  std::string_view unit_graph;    // JSON of --unit-graph
  std::string_view log;           // stderr of the refused build
  std::string_view build_dir;     // of the refused build, as given to Cargo
  std::string_view registry_src;  // $CARGO_HOME/registry/src, absolute
  std::string_view git_checkouts = "";  // $CARGO_HOME/git/checkouts, absolute
  // Folders of packages in directory sources, absolute.
  std::span<const std::string> directory_packages = {};
};

// Errors: INVALID_ARGUMENT, with which the caller leaves the build to plain
// Cargo: malformed input; graph and log are not the same units; two layouts in
// one build; two eligible units in one place; a cycle.
absl::StatusOr<UnitPlan> MakeUnitPlan(const PlanInput& input);

}  // namespace depcache
