#include "cache/recipe/package_view.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cache/base/status.h"
#include "cache/recipe/manifest.h"
#include "cache/recipe/root_manifest.h"
#include "cache/recipe/toml_value.h"

namespace depcache {
namespace {

constexpr std::string_view kIgnoredFields[] = {
    "autobenches", "autobins", "autoexamples", "autolib",      "autotests", "build",     "edition",
    "links",       "name",     "resolver",     "rust-version", "version",   "workspace",
};

// Of a target's table: the rest decides what is built and how.
constexpr std::string_view kIgnoredTargetFields[] = {
    "crate-type", "doc",  "doc-scrape-examples", "doctest", "edition", "filename",
    "name",       "path", "proc-macro",
};

// A dependency in its long form.
TomlTable SpelledOut(const TomlValue& value) {
  if (const TomlTable* table = value.AsTable()) return *table;
  TomlTable table;
  table.emplace("version", value);
  return table;
}

class ViewMaker {
 public:
  ViewMaker(const LocalPackages& packages, const CookSelection& selection)
      : packages_(packages), selection_(selection) {}

  absl::StatusOr<std::vector<std::string>> Lines(std::size_t index,
                                                 const SkeletonManifest& manifest) {
    const LocalPackage& package = packages_[index];
    TomlTable view = package.manifest;
    for (const std::string_view key : {"build-dependencies", "dependencies", "dev-dependencies",
                                       "patch", "profile", "replace", "target", "workspace"}) {
      Erase(view, key);
    }
    if (TomlTable* fields = FindTable(&view, "package")) {
      for (const std::string_view field : kIgnoredFields) Erase(*fields, field);
      EraseIfEmpty(view, "package");
    }
    for (const std::string_view kind : {"bench", "bin", "example", "lib", "test"}) {
      Erase(view, kind);
    }
    const std::string prefix = packages_.IdOf(index) + ": ";
    std::vector<std::string> lines = TomlLines(view, prefix);
    const std::set<std::string> targets = Targets(package.manifest, manifest.targets);
    if (!targets.empty()) {
      lines.push_back(fmt::format("{}targets = {}", prefix, fmt::join(targets, "; ")));
    }
    for (const DependencyEntry& entry : DependencyEntries(package.manifest)) {
      if (!LocalPackages::IsRead(package, entry)) continue;
      DEPCACHE_ASSIGN_OR_RETURN(const std::string text, Entry(package, entry));
      lines.push_back(prefix + text);
    }
    return lines;
  }

  // "dependencies.serde = { … }"
  absl::StatusOr<std::string> Entry(const LocalPackage& package, const DependencyEntry& entry) {
    TomlTable view = SpelledOut(*entry.value);
    if (entry.IsInherited()) {
      const TomlTable* inherited =
          FindTable(FindTable(&packages_.root().manifest, "workspace"), "dependencies");
      Erase(view, "workspace");
      if (const TomlValue* value = Find(inherited, *entry.key)) {
        TomlTable from = SpelledOut(*value);
        DEPCACHE_RETURN_IF_ERROR(NameLocal(package, entry, from));
        view.emplace("inherits", TomlValue{std::move(from)});
      }
    } else {
      DEPCACHE_RETURN_IF_ERROR(NameLocal(package, entry, view));
    }
    return fmt::format("{}.{} = {}", entry.where, PrintTomlKey(*entry.key),
                       PrintTomlInline({std::move(view)}));
  }

 private:
  // Puts the package's name where its path was.
  absl::Status NameLocal(const LocalPackage& package, const DependencyEntry& entry,
                         TomlTable& view) {
    if (view.contains("artifact")) {
      return FailedPrecondition(
          "{}: {}.{} is an artifact dependency; such workspaces cannot be cached",
          package.ManifestPath(), entry.where, *entry.key);
    }
    DEPCACHE_ASSIGN_OR_RETURN(const std::optional<std::string> folder,
                              packages_.FolderOf(package, entry));
    if (!folder.has_value()) return absl::OkStatus();
    const std::optional<std::size_t> index = packages_.At(*folder);
    Erase(view, "path");
    view.emplace("local", TomlString(index.has_value() ? packages_.IdOf(*index) : *folder));
    return absl::OkStatus();
  }

  // The kinds of targets, without repetition: ten binaries are as one.
  std::set<std::string> Targets(const TomlTable& manifest,
                                const std::vector<SkeletonTarget>& targets) const {
    std::set<std::string> texts;
    for (const SkeletonTarget& target : targets) {
      if (!BuildsKind(selection_, target.kind)) continue;
      std::string text(TargetKindText(target.kind));
      if (NamesTarget(selection_, target.kind, target.name)) text += " `" + target.name + '`';
      if (!target.crate_types.empty()) {
        text += fmt::format(" as {}", fmt::join(target.crate_types, "+"));
      }
      TomlTable settings = Settings(manifest, target);
      if (!settings.empty()) text += ' ' + PrintTomlInline({std::move(settings)});
      texts.insert(std::move(text));
    }
    return texts;
  }

  // What the manifest's own table for a target says of it, if it has one.
  static TomlTable Settings(const TomlTable& manifest, const SkeletonTarget& target) {
    const bool is_lib = target.kind == TargetKind::kLib || target.kind == TargetKind::kProcMacro;
    const TomlValue* tables = Find(&manifest, is_lib ? "lib" : TargetKindText(target.kind));
    if (tables == nullptr) return {};
    TomlTable settings;
    if (is_lib && tables->AsTable() != nullptr) settings = *tables->AsTable();
    if (const TomlArray* list = tables->AsArray()) {
      const auto found = std::ranges::find_if(*list, [&target](const TomlValue& table) {
        const std::string* name = FindString(table.AsTable(), "name");
        return name != nullptr && *name == target.name;
      });
      if (found != list->end()) settings = *found->AsTable();
    }
    for (const std::string_view field : kIgnoredTargetFields) Erase(settings, field);
    return settings;
  }

  const LocalPackages& packages_;
  const CookSelection& selection_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> PackageLines(const LocalPackages& packages,
                                                      const PackageSet& kept,
                                                      const Skeleton& skeleton,
                                                      const CookSelection& selection) {
  ViewMaker maker(packages, selection);
  std::vector<std::string> lines;
  for (const std::size_t index : kept) {
    const SkeletonManifest* manifest = FindManifest(skeleton, packages[index].ManifestPath());
    if (manifest == nullptr) continue;
    DEPCACHE_ASSIGN_OR_RETURN(std::vector<std::string> more, maker.Lines(index, *manifest));
    std::ranges::move(more, std::back_inserter(lines));
  }
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> WorkspaceLines(const TomlTable& root) {
  TomlTable view = root;
  StripPackage(view);
  for (const std::string_view key : {"patch", "profile", "replace"}) Erase(view, key);
  if (TomlTable* workspace = FindTable(&view, "workspace")) {
    for (const std::string_view key :
         {"default-members", "dependencies", "exclude", "members", "package", "resolver"}) {
      Erase(*workspace, key);
    }
    EraseIfEmpty(view, "workspace");
  }
  return TomlLines(view);
}

absl::StatusOr<std::vector<std::string>> PatchLines(const LocalPackages& packages,
                                                    const TomlTable& table) {
  const CookSelection no_selection;
  ViewMaker maker(packages, no_selection);
  std::vector<std::string> lines;
  for (const DependencyEntry& entry : DependencyEntries(table)) {
    if (entry.table != DependencyTable::kPatch && entry.table != DependencyTable::kReplace) {
      continue;
    }
    DEPCACHE_ASSIGN_OR_RETURN(std::string line, maker.Entry(packages.root(), entry));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace depcache
