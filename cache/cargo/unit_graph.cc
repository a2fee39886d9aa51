#include "cache/cargo/unit_graph.h"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "cache/base/status.h"
#include "cache/cargo/json_reader.h"

namespace depcache {
namespace {

// 317 units take 0.3 MB; a graph of 100 000 has its place.
constexpr JsonLimits kLimits{.max_bytes = 128 << 20, .max_depth = 6, .max_fields = 64};
constexpr std::size_t kMaxUnits = 100'000;
constexpr std::uint64_t kVersion = 1;

absl::StatusOr<UnitMode> ParseMode(std::string_view mode) {
  if (mode == "build") return UnitMode::kBuild;
  if (mode == "check") return UnitMode::kCheck;
  if (mode == "test") return UnitMode::kTest;
  if (mode == "doc") return UnitMode::kDoc;
  if (mode == "doctest") return UnitMode::kDocTest;
  if (mode == "docscrape") return UnitMode::kDocScrape;
  if (mode == "run-custom-build") return UnitMode::kRunScript;
  return InvalidArgument("unknown mode '{}'", mode);
}

// The field's text; "" if it is null or absent.
absl::StatusOr<std::string> OptionalString(const Json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end() || field->is_null()) return "";
  return StringField(object, name);
}

// `json`, which may be null, as an index.
absl::StatusOr<std::size_t> ParseIndex(const Json* json, std::size_t unit_count) {
  const auto* index = json == nullptr ? nullptr : json->get_ptr<const std::uint64_t*>();
  if (index == nullptr || *index >= unit_count) return InvalidArgument("unit index out of range");
  return static_cast<std::size_t>(*index);
}

absl::StatusOr<GraphTarget> ParseTarget(const Json& json) {
  GraphTarget target;
  DEPCACHE_ASSIGN_OR_RETURN(target.name, StringField(json, "name"));
  DEPCACHE_ASSIGN_OR_RETURN(target.kinds, StringsField(json, "kind"));
  DEPCACHE_ASSIGN_OR_RETURN(target.crate_types, StringsField(json, "crate_types"));
  DEPCACHE_ASSIGN_OR_RETURN(target.src_path, OptionalString(json, "src_path"));
  if (target.kinds.empty()) return InvalidArgument("target '{}' has no kind", target.name);
  return target;
}

absl::StatusOr<GraphProfile> ParseProfile(const Json& json) {
  GraphProfile profile;
  profile.json = WriteJson(json);
  DEPCACHE_ASSIGN_OR_RETURN(profile.name, StringField(json, "name"));
  DEPCACHE_ASSIGN_OR_RETURN(profile.split_debuginfo, OptionalString(json, "split_debuginfo"));
  return profile;
}

absl::StatusOr<GraphDep> ParseDep(const Json& json, std::size_t unit_count) {
  GraphDep dep;
  DEPCACHE_ASSIGN_OR_RETURN(dep.extern_name, StringField(json, "extern_crate_name"));
  const auto index = json.find("index");
  DEPCACHE_ASSIGN_OR_RETURN(dep.unit,
                            ParseIndex(index == json.end() ? nullptr : &*index, unit_count));
  return dep;
}

absl::StatusOr<GraphUnit> ParseUnit(const Json& json, std::size_t unit_count) {
  GraphUnit unit;
  DEPCACHE_ASSIGN_OR_RETURN(unit.pkg_id, StringField(json, "pkg_id"));
  DEPCACHE_ASSIGN_OR_RETURN(unit.package, ParsePackageSpec(unit.pkg_id));
  DEPCACHE_ASSIGN_OR_RETURN(const Json* target, ObjectField(json, "target"));
  DEPCACHE_ASSIGN_OR_RETURN(unit.target, ParseTarget(*target));
  DEPCACHE_ASSIGN_OR_RETURN(const Json* profile, ObjectField(json, "profile"));
  DEPCACHE_ASSIGN_OR_RETURN(unit.profile, ParseProfile(*profile));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string mode, StringField(json, "mode"));
  DEPCACHE_ASSIGN_OR_RETURN(unit.mode, ParseMode(mode));
  DEPCACHE_ASSIGN_OR_RETURN(unit.features, StringsField(json, "features"));
  DEPCACHE_ASSIGN_OR_RETURN(unit.platform, OptionalString(json, "platform"));
  if (json.contains("is_std")) {
    DEPCACHE_ASSIGN_OR_RETURN(unit.is_std, BoolField(json, "is_std"));
  }
  DEPCACHE_ASSIGN_OR_RETURN(const Json* deps, ArrayField(json, "dependencies"));
  for (const Json& item : *deps) {
    DEPCACHE_ASSIGN_OR_RETURN(GraphDep dep, ParseDep(item, unit_count));
    unit.deps.push_back(std::move(dep));
    unit.has_artifact_dep = unit.has_artifact_dep || item.contains("artifact");
  }
  return unit;
}

absl::StatusOr<UnitGraph> FromJson(const Json& json) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::uint64_t version, IntegerField(json, "version"));
  if (version != kVersion) return InvalidArgument("version {} is not known", version);
  DEPCACHE_ASSIGN_OR_RETURN(const Json* units, ArrayField(json, "units"));
  if (units->size() > kMaxUnits) return InvalidArgument("more than {} units", kMaxUnits);
  UnitGraph graph;
  graph.units.reserve(units->size());
  for (const Json& item : *units) {
    absl::StatusOr<GraphUnit> unit = ParseUnit(item, units->size());
    if (!unit.ok()) {
      return Annotate(unit.status(), fmt::format("unit {}", graph.units.size()));
    }
    graph.units.push_back(*std::move(unit));
  }
  DEPCACHE_ASSIGN_OR_RETURN(const Json* roots, ArrayField(json, "roots"));
  for (const Json& item : *roots) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::size_t root, ParseIndex(&item, units->size()));
    graph.roots.push_back(root);
  }
  return graph;
}

}  // namespace

absl::StatusOr<UnitGraph> ParseUnitGraph(std::string_view json) {
  DEPCACHE_ASSIGN_OR_RETURN(const Json value, ParseJson(json, kLimits, "unit graph"));
  absl::StatusOr<UnitGraph> graph = FromJson(value);
  if (!graph.ok()) return Annotate(graph.status(), "unit graph");
  return graph;
}

}  // namespace depcache
