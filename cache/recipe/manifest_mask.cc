#include "cache/recipe/manifest_mask.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace depcache {
namespace {

// Of [package] and [workspace.package]: for people and registries only.
constexpr std::string_view kDroppedFields[] = {
    "authors",      "categories", "default-run", "description", "documentation",
    "exclude",      "homepage",   "include",     "keywords",    "license",
    "license-file", "metadata",   "publish",     "readme",      "repository",
};

void DropFields(TomlTable& table) {
  for (const std::string_view field : kDroppedFields) Erase(table, field);
}

void SortStrings(TomlValue* list) {
  if (list == nullptr || list->AsArray() == nullptr) return;
  const std::vector<std::string> items = StringsOf(list);
  if (items.size() != list->AsArray()->size()) return;  // not what Cargo takes: left alone
  const std::set<std::string> sorted(items.begin(), items.end());
  *list = TomlStrings({sorted.begin(), sorted.end()});
}

void SortLists(TomlTable& manifest) {
  if (TomlTable* features = FindTable(&manifest, "features")) {
    for (auto& [name, list] : *features) SortStrings(&list);
  }
  for (const std::string_view kind : {"bench", "bin", "example", "test"}) {
    TomlValue* targets = Find(&manifest, kind);
    if (targets == nullptr || targets->AsArray() == nullptr) continue;
    std::ranges::sort(*targets->AsArray(), {}, PrintTomlInline);
  }
}

}  // namespace

void MaskManifest(TomlTable& manifest, std::string_view version) {
  if (TomlTable* package = FindTable(&manifest, "package")) {
    DropFields(*package);
    // Also where it was absent: a stub built without one would get the unit
    // hash of the real package.
    (*package)["version"] = TomlString(version);
  }
  if (TomlTable* workspace = FindTable(&manifest, "workspace")) {
    Erase(*workspace, "lints");
    Erase(*workspace, "metadata");
    if (TomlTable* inherited = FindTable(workspace, "package")) {
      DropFields(*inherited);
      Erase(*inherited, "version");
      EraseIfEmpty(*workspace, "package");
    }
  }
  Erase(manifest, "badges");
  Erase(manifest, "lints");
  ForEachDependencyTable(manifest, [](DependencyTable, TomlTable& entries) {
    for (auto& [key, entry] : entries) {
      if (FindString(entry.AsTable(), "path") != nullptr) Erase(*entry.AsTable(), "version");
      SortStrings(Find(entry.AsTable(), "features"));
    }
  });
  SortLists(manifest);
}

}  // namespace depcache
