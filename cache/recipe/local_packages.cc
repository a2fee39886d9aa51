#include "cache/recipe/local_packages.h"

#include <utility>

#include <fnmatch.h>

#include "cache/base/status.h"
#include "cache/recipe/relative_path.h"

namespace depcache {

std::string LocalPackage::ManifestPath() const { return JoinPath(folder, "Cargo.toml"); }

absl::StatusOr<LocalPackages> LocalPackages::Make(std::vector<LocalPackage> packages) {
  LocalPackages made;
  made.packages_ = std::move(packages);
  std::set<std::string> names;
  for (std::size_t i = 0; i < made.packages_.size(); ++i) {
    const LocalPackage& package = made.packages_[i];
    if (!made.by_folder_.emplace(package.folder, i).second) {
      return InvalidArgument("{} is there twice", package.ManifestPath());
    }
    if (!package.name.empty() && !names.insert(package.name).second) {
      made.repeated_names_.insert(package.name);
    }
  }
  if (!made.by_folder_.contains("")) return InvalidArgument("the root's Cargo.toml is missing");
  return made;
}

std::optional<std::size_t> LocalPackages::At(std::string_view folder) const {
  const auto found = by_folder_.find(folder);
  if (found == by_folder_.end()) return std::nullopt;
  return found->second;
}

PackageSet LocalPackages::Members() const {
  PackageSet members;
  for (std::size_t i = 0; i < packages_.size(); ++i) {
    if (packages_[i].is_member && !packages_[i].name.empty()) members.insert(i);
  }
  return members;
}

std::string LocalPackages::VersionOf(const LocalPackage& package) const {
  const TomlValue* version = PackageField(package.manifest, root().manifest, "version");
  const std::string* text = version == nullptr ? nullptr : version->AsString();
  return text == nullptr ? "0.0.0" : *text;
}

std::string LocalPackages::IdOf(std::size_t index) const {
  const LocalPackage& package = packages_[index];
  if (!repeated_names_.contains(package.name)) return package.name;
  return package.name + '@' + VersionOf(package);
}

absl::StatusOr<std::optional<std::string>> LocalPackages::FolderOf(
    const LocalPackage& package, const DependencyEntry& entry) const {
  const LocalPackage* owner = &package;
  const std::string* path = entry.Path();
  if (entry.IsInherited()) {
    owner = &root();
    const TomlTable* inherited =
        FindTable(FindTable(&owner->manifest, "workspace"), "dependencies");
    path = FindString(FindTable(inherited, *entry.key), "path");
  } else if (entry.table == DependencyTable::kWorkspace) {
    owner = &root();
  }
  if (path == nullptr) return std::nullopt;
  std::optional<std::string> folder = JoinInside(owner->folder, *path);
  if (!folder.has_value()) {
    return FailedPrecondition(
        "{}: {}.{} has path `{}`, which is outside the workspace root: the checkout cannot be "
        "narrowed",
        package.ManifestPath(), entry.where, PrintTomlKey(*entry.key), *path);
  }
  return folder;
}

bool LocalPackages::IsRead(const LocalPackage& package, const DependencyEntry& entry) {
  return entry.table == DependencyTable::kNormal || entry.table == DependencyTable::kBuild ||
         (entry.table == DependencyTable::kDev && package.is_member);
}

absl::StatusOr<LocalPackages::Reached> LocalPackages::Closure(const PackageSet& roots) const {
  Reached reached;
  std::vector<std::size_t> waiting(roots.begin(), roots.end());
  while (!waiting.empty()) {
    const std::size_t index = waiting.back();
    waiting.pop_back();
    if (!reached.packages.insert(index).second) continue;
    const LocalPackage& package = packages_[index];
    for (const DependencyEntry& entry : DependencyEntries(package.manifest)) {
      if (!IsRead(package, entry)) continue;
      DEPCACHE_ASSIGN_OR_RETURN(const std::optional<std::string> folder, FolderOf(package, entry));
      if (!folder.has_value()) continue;
      if (const std::optional<std::size_t> below = At(*folder)) {
        waiting.push_back(*below);
      } else {
        reached.missing.insert(
            {*folder, package.ManifestPath(), entry.where + '.' + PrintTomlKey(*entry.key)});
      }
    }
  }
  return reached;
}

void LocalPackages::EditRoot(const std::function<void(TomlTable&)>& edit) {
  edit(packages_[root_index()].manifest);
}

namespace {

// Whether Cargo's glob would: '*' stays within a component, "**" stands for
// any number of them, none included.
bool MatchesPattern(const std::string& pattern, const std::string& folder) {
  const std::size_t any = pattern.find("**/");
  if (any == std::string::npos) {
    return fnmatch(pattern.c_str(), folder.c_str(), FNM_PATHNAME) == 0;
  }
  std::string without = pattern;
  without.erase(any, 3);
  return MatchesPattern(without, folder) || fnmatch(pattern.c_str(), folder.c_str(), 0) == 0;
}

}  // namespace

FolderList::FolderList(const TomlTable& root, std::string_view key) {
  for (const std::string& text : StringsOf(Find(FindTable(&root, "workspace"), key))) {
    std::optional<std::string> path = JoinInside("", text);
    if (!path.has_value()) continue;
    if (path->find_first_of("*?[") == std::string::npos) {
      paths_.insert(*std::move(path));
    } else {
      patterns_.push_back(*std::move(path));
    }
  }
}

bool FolderList::Contains(const std::string& folder) const {
  if (paths_.contains(folder)) return true;
  for (const std::string& pattern : patterns_) {
    if (MatchesPattern(pattern, folder)) return true;
  }
  return false;
}

}  // namespace depcache
