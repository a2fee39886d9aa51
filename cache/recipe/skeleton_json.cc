#include "cache/recipe/skeleton_json.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cache/base/status.h"

namespace depcache {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxJsonDepth = 64;
constexpr std::size_t kMaxJsonValues = 2'000'000;

void AddUnknownFields(const UnknownFields& fields, Json& object) {
  for (const auto& [name, text] : fields) {
    Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!value.is_discarded() && !object.contains(name)) object[name] = std::move(value);
  }
}

Json TargetToJson(const SkeletonTarget& target) {
  Json object = {
      {"kind", TargetKindText(target.kind)}, {"name", target.name}, {"path", target.path}};
  if (!target.crate_types.empty()) object["crate_types"] = target.crate_types;
  if (!target.has_harness) object["harness"] = false;
  AddUnknownFields(target.unknown_fields, object);
  return object;
}

Json ManifestToJson(const SkeletonManifest& manifest) {
  Json targets = Json::array();
  for (const SkeletonTarget& target : manifest.targets) targets.push_back(TargetToJson(target));
  Json object = {
      {"contents", manifest.contents}, {"path", manifest.path}, {"targets", std::move(targets)}};
  AddUnknownFields(manifest.unknown_fields, object);
  return object;
}

// Refuses what would cost more memory or stack than its size suggests.
absl::Status CheckShape(std::string_view json) {
  std::size_t depth = 0;
  std::size_t values = 1;
  bool is_in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (is_in_string) {
      if (c == '\\') ++i;
      if (c == '"') is_in_string = false;
    } else if (c == '"') {
      is_in_string = true;
    } else if (c == '[' || c == '{') {
      ++values;
      if (++depth > kMaxJsonDepth) {
        return InvalidArgument("values nest more than the {} levels allowed", kMaxJsonDepth);
      }
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    } else if (c == ',' && ++values > kMaxJsonValues) {
      return InvalidArgument("more than the {} values allowed", kMaxJsonValues);
    }
  }
  return absl::OkStatus();
}

// Takes the fields of an object one by one; what is left at the end is unknown.
class ObjectReader {
 public:
  // `field` names the object in messages, "" for the document.
  ObjectReader(Json object, std::string field)
      : object_(std::move(object)), field_(std::move(field)) {}

  absl::Status Check() const {
    if (object_.is_object()) return absl::OkStatus();
    return InvalidArgument("{} is not an object", field_.empty() ? "the document" : field_);
  }
  std::string Name(std::string_view key) const {
    return field_.empty() ? std::string(key) : fmt::format("{}.{}", field_, key);
  }
  // A null value if there is no such field.
  Json Take(const char* key) {
    const auto found = object_.find(key);
    if (found == object_.end()) return nullptr;
    Json value = std::move(*found);
    object_.erase(found);
    return value;
  }
  absl::StatusOr<std::string> TakeString(const char* key) {
    Json value = Take(key);
    if (!value.is_string()) return InvalidArgument("{} is not a string", Name(key));
    return std::move(value.get_ref<std::string&>());
  }
  // An absent field is an empty list.
  absl::StatusOr<std::vector<Json>> TakeArray(const char* key) {
    Json value = Take(key);
    if (value.is_null()) return std::vector<Json>();
    if (!value.is_array()) return InvalidArgument("{} is not an array", Name(key));
    return std::move(value.get_ref<Json::array_t&>());
  }
  UnknownFields TakeRest() {
    UnknownFields rest;
    for (const auto& [name, value] : object_.items()) rest.emplace(name, value.dump());
    return rest;
  }

 private:
  Json object_;
  std::string field_;
};

absl::StatusOr<SkeletonTarget> ReadTarget(Json json, std::string field) {
  ObjectReader reader(std::move(json), std::move(field));
  DEPCACHE_RETURN_IF_ERROR(reader.Check());
  SkeletonTarget target;
  DEPCACHE_ASSIGN_OR_RETURN(const std::string kind, reader.TakeString("kind"));
  const std::optional<TargetKind> known = ParseTargetKind(kind);
  if (!known.has_value()) return InvalidArgument("{} is `{}`", reader.Name("kind"), kind);
  target.kind = *known;
  DEPCACHE_ASSIGN_OR_RETURN(target.name, reader.TakeString("name"));
  DEPCACHE_ASSIGN_OR_RETURN(target.path, reader.TakeString("path"));
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<Json> crate_types, reader.TakeArray("crate_types"));
  for (const Json& crate_type : crate_types) {
    if (!crate_type.is_string()) {
      return InvalidArgument("{} has an item which is no string", reader.Name("crate_types"));
    }
    target.crate_types.push_back(crate_type.get_ref<const std::string&>());
  }
  const Json harness = reader.Take("harness");
  if (!harness.is_null() && !harness.is_boolean()) {
    return InvalidArgument("{} is neither true nor false", reader.Name("harness"));
  }
  target.has_harness = harness.is_null() || harness.get<bool>();
  target.unknown_fields = reader.TakeRest();
  return target;
}

absl::StatusOr<SkeletonManifest> ReadManifest(Json json, std::string field) {
  ObjectReader reader(std::move(json), std::move(field));
  DEPCACHE_RETURN_IF_ERROR(reader.Check());
  SkeletonManifest manifest;
  DEPCACHE_ASSIGN_OR_RETURN(manifest.path, reader.TakeString("path"));
  DEPCACHE_ASSIGN_OR_RETURN(manifest.contents, reader.TakeString("contents"));
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<Json> targets, reader.TakeArray("targets"));
  for (std::size_t i = 0; i < targets.size(); ++i) {
    DEPCACHE_ASSIGN_OR_RETURN(
        SkeletonTarget target,
        ReadTarget(std::move(targets[i]), fmt::format("{}[{}]", reader.Name("targets"), i)));
    manifest.targets.push_back(std::move(target));
  }
  manifest.unknown_fields = reader.TakeRest();
  return manifest;
}

absl::StatusOr<std::optional<ToolchainFile>> ReadToolchain(Json json) {
  if (json.is_null()) return std::nullopt;
  ObjectReader reader(std::move(json), "toolchain");
  DEPCACHE_RETURN_IF_ERROR(reader.Check());
  ToolchainFile file;
  DEPCACHE_ASSIGN_OR_RETURN(file.name, reader.TakeString("name"));
  DEPCACHE_ASSIGN_OR_RETURN(file.contents, reader.TakeString("contents"));
  file.unknown_fields = reader.TakeRest();
  return file;
}

absl::Status CheckVersion(const Json& version) {
  if (!version.is_number_integer()) {
    return InvalidArgument("version is missing or no number: not a recipe.json of depcache");
  }
  if (version.is_number_unsigned() && version.get<std::uint64_t>() == kSkeletonVersion) {
    return absl::OkStatus();
  }
  return FailedPrecondition("version is {}; this depcache reads version {}", version.dump(),
                            kSkeletonVersion);
}

}  // namespace

std::string SkeletonToJson(const Skeleton& skeleton) {
  Json manifests = Json::array();
  for (const SkeletonManifest& manifest : skeleton.manifests) {
    manifests.push_back(ManifestToJson(manifest));
  }
  Json document = {
      {"lock", skeleton.lock}, {"manifests", std::move(manifests)}, {"version", kSkeletonVersion}};
  if (!skeleton.config.empty()) document["config"] = skeleton.config;
  if (skeleton.toolchain.has_value()) {
    Json file = {{"contents", skeleton.toolchain->contents}, {"name", skeleton.toolchain->name}};
    AddUnknownFields(skeleton.toolchain->unknown_fields, file);
    document["toolchain"] = std::move(file);
  }
  AddUnknownFields(skeleton.unknown_fields, document);
  return document.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + '\n';
}

absl::StatusOr<Skeleton> ParseSkeleton(std::string_view json) {
  if (json.size() > kMaxSkeletonBytes) {
    return InvalidArgument("{} bytes, more than the {} allowed", json.size(), kMaxSkeletonBytes);
  }
  DEPCACHE_RETURN_IF_ERROR(CheckShape(json));
  Json document = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return InvalidArgument("not a JSON document");

  ObjectReader reader(std::move(document), "");
  DEPCACHE_RETURN_IF_ERROR(reader.Check());
  DEPCACHE_RETURN_IF_ERROR(CheckVersion(reader.Take("version")));
  Skeleton skeleton;
  DEPCACHE_ASSIGN_OR_RETURN(skeleton.lock, reader.TakeString("lock"));
  Json config = reader.Take("config");
  if (!config.is_null() && !config.is_string()) return InvalidArgument("config is not a string");
  if (config.is_string()) skeleton.config = std::move(config.get_ref<std::string&>());
  DEPCACHE_ASSIGN_OR_RETURN(skeleton.toolchain, ReadToolchain(reader.Take("toolchain")));
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<Json> manifests, reader.TakeArray("manifests"));
  if (manifests.size() > kMaxSkeletonManifests) {
    return InvalidArgument("manifests: {}, more than the {} allowed", manifests.size(),
                           kMaxSkeletonManifests);
  }
  for (std::size_t i = 0; i < manifests.size(); ++i) {
    DEPCACHE_ASSIGN_OR_RETURN(
        SkeletonManifest manifest,
        ReadManifest(std::move(manifests[i]), fmt::format("manifests[{}]", i)));
    skeleton.manifests.push_back(std::move(manifest));
  }
  skeleton.unknown_fields = reader.TakeRest();
  SortSkeleton(skeleton);
  DEPCACHE_RETURN_IF_ERROR(ValidateSkeleton(skeleton));
  return skeleton;
}

}  // namespace depcache
