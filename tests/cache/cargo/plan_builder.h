// Small unit graphs and the logs that go with them.

#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <fmt/format.h>

#include "cache/base/text.h"
#include "cache/cargo/unit_plan.h"

namespace depcache::testing {

inline constexpr const char* kCratesIo = "registry+https://github.com/rust-lang/crates.io-index";

// One unit. The defaults make a library of crates.io.
struct UnitSpec {
  std::string name;
  std::vector<std::size_t> deps = {};
  std::string source = kCratesIo;
  std::string mode = "build";
  std::string kinds = R"(["lib"])";  // also the crate types, unless given
  std::string crate_types = "";
  std::string target = "";        // default: the name
  std::string platform = "null";  // or a JSON string
  std::string src_path = "";      // default: below registry/src
  std::string split_debuginfo = "null";
  std::string extra = "";  // further fields
  std::string file = "";   // of the hash; default: as Cargo names it
  std::string version = "1.0.0";
};

class PlanBuilder {
 public:
  // Returns its index.
  std::size_t Add(UnitSpec unit) {
    units_.push_back(std::move(unit));
    return units_.size() - 1;
  }

  // The plan of all that `roots` need.
  absl::StatusOr<UnitPlan> Plan(const std::vector<std::size_t>& roots,
                                std::span<const std::string> directory_packages = {}) const {
    return MakeUnitPlan({.unit_graph = Graph(roots),
                         .log = Log(roots),
                         .build_dir = "/b",
                         .registry_src = "/home/.cargo/registry/src",
                         .git_checkouts = "/home/.cargo/git/checkouts",
                         .directory_packages = directory_packages});
  }

  std::string Graph(const std::vector<std::size_t>& roots) const {
    std::string units;
    for (const UnitSpec& unit : units_) {
      std::string deps;
      for (const std::size_t dep : unit.deps) {
        deps += fmt::format(R"({}{{"index":{},"extern_crate_name":"{}"}})", deps.empty() ? "" : ",",
                            dep, units_[dep].name);
      }
      units += fmt::format(
          R"({}{{"pkg_id":"{}#{}@{}","target":{{"kind":{},"crate_types":{},"name":"{}",)"
          R"("src_path":"{}"}},"profile":{{"name":"release","split_debuginfo":{}}},)"
          R"("platform":{},"mode":"{}","features":[],"dependencies":[{}]{}}})",
          units.empty() ? "" : ",", unit.source, unit.name, unit.version, unit.kinds,
          unit.crate_types.empty() ? unit.kinds : unit.crate_types, TargetOf(unit), SourceOf(unit),
          unit.split_debuginfo, unit.platform, unit.mode, deps, unit.extra);
    }
    return fmt::format(R"({{"version":1,"units":[{}],"roots":[{}]}})", units,
                       fmt::join(roots, ","));
  }

  std::string Log(const std::vector<std::size_t>& roots) const {
    std::string log;
    std::set<std::size_t> seen;
    for (const std::size_t root : roots) Visit(root, seen, log);
    return log;
  }

  // The log's line for a unit.
  std::string Line(std::size_t index) const {
    const UnitSpec& unit = units_[index];
    return fmt::format(
        "  0.1s DEBUG prepare_target{{force=false package_id={} v{} target=\"{}\"}}: "
        "cargo::compiler::fingerprint: fingerprint at: /b/release/.fingerprint/{}-{:016x}/{}\n",
        unit.name, unit.version, TargetOf(unit), unit.name, index, FileOf(unit));
  }

 private:
  // As Cargo does it: a unit, then what it is built from.
  void Visit(std::size_t index, std::set<std::size_t>& seen, std::string& log) const {
    if (!seen.insert(index).second) return;
    if (units_[index].mode != "doctest") log += Line(index);
    for (const std::size_t dep : units_[index].deps) Visit(dep, seen, log);
  }

  static std::string TargetOf(const UnitSpec& unit) {
    if (!unit.target.empty()) return unit.target;
    return unit.kinds == R"(["custom-build"])" ? "build-script-build" : unit.name;
  }
  static std::string SourceOf(const UnitSpec& unit) {
    if (!unit.src_path.empty()) return unit.src_path;
    return fmt::format(
        "/home/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/{}-{}/src/lib.rs", unit.name,
        unit.version);
  }
  static std::string FileOf(const UnitSpec& unit) {
    if (!unit.file.empty()) return unit.file;
    std::string flavor;
    if (unit.mode == "run-custom-build") flavor = "run-";
    if (unit.mode == "test") flavor = "test-";
    if (unit.mode == "doc") flavor = "doc-";
    std::string kind = "lib";
    if (unit.kinds == R"(["custom-build"])") kind = "build-script";
    if (unit.kinds == R"(["bin"])") kind = "bin";
    if (unit.kinds == R"(["test"])") kind = "integration-test";
    return flavor + kind + "-" + TargetOf(unit);
  }

  std::vector<UnitSpec> units_;
};

}  // namespace depcache::testing
