#include "client/cargo/metadata.h"

#include <nlohmann/json.hpp>

#include "cache/base/status.h"
#include "client/cargo/machine_folders.h"

namespace depcache::client {
namespace {

using nlohmann::json;

absl::StatusOr<std::string> Text(const json& object, const char* key) {
  const auto entry = object.find(key);
  if (entry == object.end() || !entry->is_string()) {
    return InvalidArgument("cargo metadata: no text '{}'", key);
  }
  return entry->get<std::string>();
}

absl::StatusOr<std::vector<std::string>> Texts(const json& object, const char* key) {
  const auto entry = object.find(key);
  if (entry == object.end() || !entry->is_array()) {
    return InvalidArgument("cargo metadata: no list '{}'", key);
  }
  std::vector<std::string> texts;
  for (const json& item : *entry) {
    if (!item.is_string()) return InvalidArgument("cargo metadata: '{}' holds no texts", key);
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

absl::StatusOr<TargetText> ParseTarget(const json& object) {
  if (!object.is_object()) return InvalidArgument("cargo metadata: a target is no object");
  TargetText target;
  DEPCACHE_ASSIGN_OR_RETURN(target.name, Text(object, "name"));
  DEPCACHE_ASSIGN_OR_RETURN(target.path, Text(object, "src_path"));
  DEPCACHE_ASSIGN_OR_RETURN(target.kinds, Texts(object, "kind"));
  DEPCACHE_ASSIGN_OR_RETURN(target.crate_types, Texts(object, "crate_types"));
  return target;
}

}  // namespace

absl::StatusOr<WorkspaceMetadata> ParseMetadata(std::string_view text) {
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return InvalidArgument("cargo metadata: not a JSON object");
  WorkspaceMetadata metadata;
  DEPCACHE_ASSIGN_OR_RETURN(metadata.root, Text(document, "workspace_root"));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string target_dir, Text(document, "target_directory"));
  metadata.target_dir = metadata.build_dir = NormalFolder(target_dir);
  if (document.contains("build_directory") && document["build_directory"].is_string()) {
    metadata.build_dir = NormalFolder(document["build_directory"].get<std::string>());
  }
  const auto packages = document.find("packages");
  if (packages == document.end() || !packages->is_array()) {
    return InvalidArgument("cargo metadata: no packages");
  }
  for (const json& object : *packages) {
    MetadataPackage package;
    DEPCACHE_ASSIGN_OR_RETURN(package.manifest_path, Text(object, "manifest_path"));
    const auto targets = object.find("targets");
    if (targets == object.end() || !targets->is_array()) {
      return InvalidArgument("cargo metadata: a package without targets");
    }
    for (const json& item : *targets) {
      DEPCACHE_ASSIGN_OR_RETURN(TargetText target, ParseTarget(item));
      package.targets.push_back(std::move(target));
    }
    metadata.packages.push_back(std::move(package));
  }
  return metadata;
}

}  // namespace depcache::client
