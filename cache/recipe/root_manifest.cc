#include "cache/recipe/root_manifest.h"

#include <utility>
#include <vector>

#include "cache/recipe/manifest.h"

namespace depcache {
namespace {

// Everything in a manifest which belongs to its package.
constexpr std::string_view kPackageKeys[] = {
    "badges",       "bench",
    "bin",          "build-dependencies",
    "dependencies", "dev-dependencies",
    "example",      "features",
    "hints",        "lib",
    "lints",        "package",
    "target",       "test",
};

std::set<std::string> InheritedKeys(const LocalPackages& packages, const PackageSet& kept) {
  std::set<std::string> keys;
  for (const std::size_t index : kept) {
    for (const DependencyEntry& entry : DependencyEntries(packages[index].manifest)) {
      if (entry.IsInherited()) keys.insert(*entry.key);
    }
  }
  return keys;
}

}  // namespace

TomlTable RootManifest(const LocalPackages& packages, const PackageSet& kept, PlanScope scope) {
  TomlTable manifest = packages.root().manifest;
  if (FindTable(&manifest, "workspace") == nullptr) manifest["workspace"] = {TomlTable()};
  TomlTable& workspace = *FindTable(&manifest, "workspace");

  std::vector<std::string> members;
  std::vector<std::string> excluded;
  for (const std::size_t index : kept) {
    const LocalPackage& package = packages[index];
    if (!package.folder.empty()) (package.is_member ? members : excluded).push_back(package.folder);
  }
  const auto set_folders = [&workspace](std::string_view key, std::set<std::string> folders) {
    Erase(workspace, key);
    if (folders.empty()) return;
    workspace.emplace(key, TomlStrings({folders.begin(), folders.end()}));
  };
  set_folders("members", {members.begin(), members.end()});
  set_folders("exclude", {excluded.begin(), excluded.end()});

  if (scope == PlanScope::kNarrowed) {
    Erase(workspace, "default-members");
    if (!packages.root().name.empty() && !kept.contains(packages.root_index())) {
      workspace.insert_or_assign("resolver", TomlString(EffectiveResolver(manifest)));
      StripPackage(manifest);
    }
  }
  if (TomlTable* inherited = FindTable(FindTable(&manifest, "workspace"), "dependencies")) {
    const std::set<std::string> used = InheritedKeys(packages, kept);
    std::erase_if(*inherited, [&used](const auto& entry) { return !used.contains(entry.first); });
    EraseIfEmpty(*FindTable(&manifest, "workspace"), "dependencies");
  }
  return manifest;
}

void StripPackage(TomlTable& manifest) {
  for (const std::string_view key : kPackageKeys) Erase(manifest, key);
}

}  // namespace depcache
