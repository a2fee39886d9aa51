#include "cache/recipe/workspace_plan.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/base/status.h"
#include "cache/recipe/lockfile_prune.h"
#include "cache/recipe/manifest.h"

namespace depcache {
namespace {

// The name in a [replace] key: "name:1.0", "name@1.0" or "url#name:1.0".
std::string_view ReplacedName(std::string_view spec) {
  const std::size_t start = spec.find_last_of("#/");
  if (start != std::string_view::npos) spec.remove_prefix(start + 1);
  return spec.substr(0, spec.find_first_of(":@"));
}

bool IsPatchEntry(const DependencyEntry& entry) {
  return entry.table == DependencyTable::kPatch || entry.table == DependencyTable::kReplace;
}

// Whether a package of `lock` can come from a [patch] or [replace] entry.
bool IsUsed(const DependencyEntry& entry, const Lockfile& lock) {
  const bool is_replacement = entry.table == DependencyTable::kReplace;
  const std::string name =
      is_replacement ? std::string(ReplacedName(*entry.key)) : entry.PackageName();
  return std::ranges::any_of(lock.packages, [&](const LockedPackage& package) {
    if (package.name != name) return false;
    if (is_replacement) return package.replacement.has_value();
    if (entry.Path() != nullptr) return package.IsLocal();
    const bool is_git = entry.Field("git") != nullptr;
    return !package.IsLocal() && package.source.starts_with("git+") == is_git;
  });
}

void EraseEntries(TomlTable& entries, const std::string& where,
                  const std::set<std::pair<std::string, std::string>>& unused) {
  std::erase_if(entries, [&](const auto& entry) { return unused.contains({where, entry.first}); });
}

// Of a root manifest or a configuration.
void DropUnusedPatches(TomlTable& table, const Lockfile& lock) {
  // Found first and erased after: entries borrow from the table.
  std::set<std::pair<std::string, std::string>> unused;
  for (const DependencyEntry& entry : DependencyEntries(table)) {
    if (IsPatchEntry(entry) && !IsUsed(entry, lock)) unused.emplace(entry.where, *entry.key);
  }
  if (TomlTable* patches = FindTable(&table, "patch")) {
    for (auto& [registry, entries] : *patches) {
      TomlTable* list = entries.AsTable();
      if (list != nullptr) EraseEntries(*list, "patch." + PrintTomlKey(registry), unused);
    }
    std::erase_if(*patches, [](const auto& entry) {
      const TomlTable* list = entry.second.AsTable();
      return list != nullptr && list->empty();
    });
    EraseIfEmpty(table, "patch");
  }
  if (TomlTable* replaced = FindTable(&table, "replace")) {
    EraseEntries(*replaced, "replace", unused);
    EraseIfEmpty(table, "replace");
  }
}

// Folders that [patch] and [replace] of a manifest or a configuration name.
absl::StatusOr<std::set<std::string>> PatchFolders(const LocalPackages& packages,
                                                   const TomlTable& table) {
  std::set<std::string> folders;
  for (const DependencyEntry& entry : DependencyEntries(table)) {
    if (!IsPatchEntry(entry)) continue;
    DEPCACHE_ASSIGN_OR_RETURN(const std::optional<std::string> folder,
                              packages.FolderOf(packages.root(), entry));
    if (folder.has_value()) folders.insert(*folder);
  }
  return folders;
}

absl::Status Narrow(WorkspacePlan& plan) {
  // Not those which are no members: what such a package would need with other
  // features is not in the lock.
  std::set<std::string> names;
  for (const std::size_t index : plan.kept) {
    const LocalPackage& package = plan.packages[index];
    if (package.is_member && !package.name.empty()) names.insert(package.name);
  }
  DEPCACHE_ASSIGN_OR_RETURN(plan.lock, PruneLockfile(plan.lock, names));
  plan.packages.EditRoot([&plan](TomlTable& root) { DropUnusedPatches(root, plan.lock); });
  DropUnusedPatches(plan.config, plan.lock);
  return absl::OkStatus();
}

absl::Status KeepPatched(WorkspacePlan& plan) {
  DEPCACHE_ASSIGN_OR_RETURN(std::set<std::string> folders,
                            PatchFolders(plan.packages, plan.packages.root().manifest));
  DEPCACHE_ASSIGN_OR_RETURN(std::set<std::string> configured,
                            PatchFolders(plan.packages, plan.config));
  folders.merge(configured);
  PackageSet patched = plan.kept;
  for (const std::string& folder : folders) {
    if (const std::optional<std::size_t> index = plan.packages.At(folder)) {
      patched.insert(*index);
      plan.versioned.insert(plan.packages[*index].name);
    } else {
      plan.missing.insert({folder, "Cargo.toml", "[patch]"});
    }
  }
  DEPCACHE_ASSIGN_OR_RETURN(LocalPackages::Reached reached, plan.packages.Closure(patched));
  plan.kept = std::move(reached.packages);
  plan.missing.merge(reached.missing);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WorkspacePlan> PlanFor(WorkspacePlan plan, const PackageSet& selected,
                                      PlanScope scope) {
  DEPCACHE_ASSIGN_OR_RETURN(LocalPackages::Reached reached, plan.packages.Closure(selected));
  plan.kept = std::move(reached.packages);
  plan.missing = std::move(reached.missing);
  if (!plan.missing.empty()) return plan;
  plan.versioned = plan.packages.repeated_names();
  plan.versioned.merge(RepeatedLocalNames(plan.lock));
  if (scope == PlanScope::kNarrowed) DEPCACHE_RETURN_IF_ERROR(Narrow(plan));
  DEPCACHE_RETURN_IF_ERROR(KeepPatched(plan));
  return plan;
}

}  // namespace depcache
