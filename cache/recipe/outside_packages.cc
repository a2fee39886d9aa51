#include "cache/recipe/outside_packages.h"

#include <filesystem>
#include <functional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cache/base/text.h"
#include "cache/recipe/manifest.h"
#include "cache/recipe/relative_path.h"

namespace depcache {
namespace {

namespace fs = std::filesystem;

// Both relative to one folder and normal; "" is that folder.
std::string RelativeTo(std::string_view from, std::string_view to) {
  const fs::path base = fs::path("/") / from;
  return (fs::path("/") / to).lexically_relative(base).generic_string();
}

// Dependency tables of every kind, [patch] and [replace] included.
void ForEachTable(TomlTable& manifest, const std::function<void(TomlTable&)>& edit) {
  ForEachDependencyTable(manifest, [&](DependencyTable, TomlTable& entries) { edit(entries); });
  if (TomlTable* patches = FindTable(&manifest, "patch")) {
    for (auto& [registry, entries] : *patches) {
      if (TomlTable* table = entries.AsTable()) edit(*table);
    }
  }
  if (TomlTable* replaced = FindTable(&manifest, "replace")) edit(*replaced);
}

// Everything in a manifest that is a path: of dependencies, of targets' sources,
// of the build script.
void ForEachPath(TomlTable& manifest, const std::function<void(std::string&)>& edit) {
  const auto visit = [&](TomlTable* table, std::string_view key) {
    TomlValue* value = Find(table, key);
    if (value == nullptr) return;
    if (auto* path = std::get_if<std::string>(&value->value)) edit(*path);
  };
  ForEachTable(manifest, [&](TomlTable& entries) {
    for (auto& [key, value] : entries) visit(value.AsTable(), "path");
  });
  visit(FindTable(&manifest, "lib"), "path");
  visit(FindTable(&manifest, "package"), "build");
  for (const std::string_view kind : {"bin", "example", "test", "bench"}) {
    TomlValue* targets = Find(&manifest, kind);
    TomlArray* list = targets == nullptr ? nullptr : targets->AsArray();
    if (list == nullptr) continue;
    for (TomlValue& target : *list) visit(target.AsTable(), "path");
  }
}

bool SaysWorkspace(const TomlValue& value) { return FindBool(value.AsTable(), "workspace", false); }

// What Cargo makes of an entry that says `workspace = true`: the workspace's,
// with the features of both.
TomlTable Inherited(const TomlTable& own, const TomlValue& shared) {
  TomlTable entry;
  if (const TomlTable* table = shared.AsTable()) {
    entry = *table;
  } else {
    entry["version"] = shared;
  }
  const std::vector<std::string> of_workspace = StringsOf(Find(&entry, "features"));
  std::set<std::string> features(of_workspace.begin(), of_workspace.end());
  for (const std::string& feature : StringsOf(Find(&own, "features"))) features.insert(feature);
  Erase(entry, "features");
  if (!features.empty()) entry.emplace("features", TomlStrings({features.begin(), features.end()}));
  if (const TomlValue* optional = Find(&own, "optional")) entry.emplace("optional", *optional);
  // A member may switch default features on that the workspace has off, never
  // the other way round.
  if (FindBool(&own, "default-features", false)) Erase(entry, "default-features");
  return entry;
}

}  // namespace

bool IsOutside(std::string_view skeleton_path) {
  return skeleton_path.starts_with(kOutsideFolder) &&
         (skeleton_path.size() == kOutsideFolder.size() ||
          skeleton_path[kOutsideFolder.size()] == '/');
}

std::string RealPath(std::string_view skeleton_path) {
  if (!IsOutside(skeleton_path)) return std::string(skeleton_path);
  const std::vector<std::string> parts = Split(skeleton_path, '/');
  const std::uint64_t steps =
      parts.size() < 2 ? 0 : ParseNumber(parts[1], kMaxPathBytes).value_or(0);
  std::string path;
  for (std::uint64_t i = 0; i < steps; ++i) path = JoinPath(path, "..");
  for (std::size_t i = 2; i < parts.size(); ++i) path = JoinPath(path, parts[i]);
  return path;
}

std::string SkeletonPath(std::string_view real_path) {
  std::size_t steps = 0;
  std::string rest;
  for (const std::string& part : Split(real_path, '/')) {
    if (part == "..") {
      ++steps;
    } else {
      rest = JoinPath(rest, part);
    }
  }
  if (steps == 0) return rest;
  const std::string place = fmt::format("{}/{}", kOutsideFolder, steps);
  return rest.empty() ? place : JoinPath(place, rest);
}

std::optional<std::string> Places::Resolve(std::string_view folder, std::string_view path) const {
  if (!IsOutside(folder)) {
    if (std::optional<std::string> inside = JoinInside(folder, path)) return inside;
  }
  if (root_.empty() || path.size() > kMaxPathBytes) return std::nullopt;
  fs::path real = (fs::path(root_) / RealPath(folder) / path).lexically_normal();
  if (!real.has_filename()) real = real.parent_path();
  const std::string relative = real.lexically_relative(root_).generic_string();
  return SkeletonPath(relative == "." ? "" : relative);
}

void Places::Rewrite(TomlTable& manifest, std::string_view folder) const {
  // The skeleton's root is above it.
  TomlTable* package = IsOutside(folder) ? FindTable(&manifest, "package") : nullptr;
  if (package != nullptr && FindString(package, "workspace") != nullptr) {
    Erase(*package, "workspace");
  }
  ForEachPath(manifest, [&](std::string& path) {
    if (!IsOutside(folder) && JoinInside(folder, path)) return;
    if (const std::optional<std::string> target = Resolve(folder, path)) {
      path = RelativeTo(folder, *target);
    }
  });
}

void Places::Settle(TomlTable& manifest, std::string_view folder, const TomlTable* workspace,
                    std::string_view workspace_folder) const {
  for (const char* key : {"workspace", "patch", "replace", "profile"}) Erase(manifest, key);
  TomlTable* package = FindTable(&manifest, "package");
  if (package == nullptr || workspace == nullptr) return;
  const TomlTable* shared = FindTable(workspace, "workspace");
  for (auto& [field, value] : *package) {
    const TomlValue* inherited = Find(FindTable(shared, "package"), field);
    if (SaysWorkspace(value) && inherited != nullptr) value = TomlValue(*inherited);
  }
  ForEachDependencyTable(manifest, [&](DependencyTable, TomlTable& entries) {
    for (auto& [key, value] : entries) {
      const TomlValue* inherited = Find(FindTable(shared, "dependencies"), key);
      if (!SaysWorkspace(value) || inherited == nullptr) continue;
      TomlTable entry = Inherited(*value.AsTable(), *inherited);
      TomlValue* path = Find(&entry, "path");
      if (path != nullptr && path->AsString() != nullptr) {
        const fs::path real = fs::path(root_) / RealPath(workspace_folder) / *path->AsString();
        const fs::path from = (fs::path(root_) / RealPath(folder)).lexically_normal();
        *path = TomlString(real.lexically_normal().lexically_relative(from).generic_string());
      }
      value = TomlValue{std::move(entry)};
    }
  });
}

bool Inherits(const TomlTable& manifest) {
  if (const TomlTable* package = FindTable(&manifest, "package")) {
    for (const auto& [field, value] : *package) {
      if (SaysWorkspace(value)) return true;
    }
  }
  for (const DependencyEntry& entry : DependencyEntries(manifest)) {
    if (entry.IsInherited()) return true;
  }
  return false;
}

}  // namespace depcache
