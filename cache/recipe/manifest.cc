#include "cache/recipe/manifest.h"

#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "cache/base/status.h"
#include "cache/recipe/toml_text.h"

namespace depcache {
namespace {

constexpr std::pair<std::string_view, DependencyTable> kDependencyTables[] = {
    {"build-dependencies", DependencyTable::kBuild},
    {"dependencies", DependencyTable::kNormal},
    {"dev-dependencies", DependencyTable::kDev},
};

// As Cargo: the new spelling wins where both stand.
void Respell(TomlTable* table, std::string_view old_key, std::string_view new_key) {
  if (table == nullptr) return;
  const auto found = table->find(old_key);
  if (found == table->end()) return;
  if (!table->contains(new_key)) table->emplace(new_key, std::move(found->second));
  Erase(*table, old_key);
}

void RespellTarget(TomlValue& target) {
  Respell(target.AsTable(), "crate_type", "crate-type");
  Respell(target.AsTable(), "proc_macro", "proc-macro");
}

void RespellDependencyTables(TomlTable* table) {
  Respell(table, "dev_dependencies", "dev-dependencies");
  Respell(table, "build_dependencies", "build-dependencies");
}

void RespellAll(TomlTable& manifest) {
  Respell(&manifest, "project", "package");
  RespellDependencyTables(&manifest);
  if (TomlTable* targets = FindTable(&manifest, "target")) {
    for (auto& [platform, tables] : *targets) RespellDependencyTables(tables.AsTable());
  }
  ForEachDependencyTable(manifest, [](DependencyTable, TomlTable& entries) {
    for (auto& [key, entry] : entries) {
      Respell(entry.AsTable(), "default_features", "default-features");
    }
  });
  for (const std::string_view kind : {"lib", "bin", "test", "bench", "example"}) {
    TomlValue* targets = Find(&manifest, kind);
    if (targets == nullptr) continue;
    RespellTarget(*targets);
    if (TomlArray* list = targets->AsArray()) {
      for (TomlValue& target : *list) RespellTarget(target);
    }
  }
}

bool IsPackageName(std::string_view name) {
  if (name.empty() || name.size() > 256) return false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    // Cargo also takes letters of other scripts.
    if (!std::isalnum(byte) && c != '-' && c != '_' && byte < 0x80) return false;
  }
  return true;
}

void AddEntries(const TomlTable* entries, DependencyTable table, const std::string& where,
                std::vector<DependencyEntry>& found) {
  if (entries == nullptr) return;
  for (const auto& [key, value] : *entries) found.push_back({table, where, &key, &value});
}

}  // namespace

absl::StatusOr<TomlTable> ParseManifest(std::string_view text) {
  DEPCACHE_ASSIGN_OR_RETURN(TomlTable manifest, ParseToml(text));
  RespellAll(manifest);
  for (const std::string_view key : {"package", "workspace"}) {
    if (Find(&manifest, key) != nullptr && FindTable(&manifest, key) == nullptr) {
      return InvalidArgument("`{}` is not a table", key);
    }
  }
  if (const TomlTable* package = FindTable(&std::as_const(manifest), "package")) {
    const std::string* name = FindString(package, "name");
    if (name == nullptr) return InvalidArgument("[package] has no `name`");
    if (!IsPackageName(*name)) return InvalidArgument("`{}` is not a package name", *name);
  }
  return manifest;
}

std::string PackageName(const TomlTable& manifest) {
  const std::string* name = FindString(FindTable(&manifest, "package"), "name");
  return name == nullptr ? "" : *name;
}

const TomlValue* PackageField(const TomlTable& manifest, const TomlTable& root,
                              std::string_view field) {
  const TomlValue* value = Find(FindTable(&manifest, "package"), field);
  if (value == nullptr || !FindBool(value->AsTable(), "workspace", false)) return value;
  return Find(FindTable(FindTable(&root, "workspace"), "package"), field);
}

std::vector<DependencyEntry> DependencyEntries(const TomlTable& manifest) {
  std::vector<DependencyEntry> found;
  for (const auto& [name, table] : kDependencyTables) {
    AddEntries(FindTable(&manifest, name), table, std::string(name), found);
  }
  if (const TomlTable* targets = FindTable(&manifest, "target")) {
    for (const auto& [platform, tables] : *targets) {
      for (const auto& [name, table] : kDependencyTables) {
        AddEntries(FindTable(tables.AsTable(), name), table,
                   fmt::format("target.{}.{}", PrintTomlKey(platform), name), found);
      }
    }
  }
  AddEntries(FindTable(FindTable(&manifest, "workspace"), "dependencies"),
             DependencyTable::kWorkspace, "workspace.dependencies", found);
  if (const TomlTable* patches = FindTable(&manifest, "patch")) {
    for (const auto& [registry, entries] : *patches) {
      AddEntries(entries.AsTable(), DependencyTable::kPatch, "patch." + PrintTomlKey(registry),
                 found);
    }
  }
  AddEntries(FindTable(&manifest, "replace"), DependencyTable::kReplace, "replace", found);
  return found;
}

void ForEachDependencyTable(TomlTable& manifest,
                            const std::function<void(DependencyTable, TomlTable&)>& edit) {
  const auto visit = [&edit](TomlTable* parent) {
    for (const auto& [name, table] : kDependencyTables) {
      if (TomlTable* entries = FindTable(parent, name)) edit(table, *entries);
    }
  };
  visit(&manifest);
  if (TomlTable* targets = FindTable(&manifest, "target")) {
    for (auto& [platform, tables] : *targets) visit(tables.AsTable());
  }
  if (TomlTable* inherited = FindTable(FindTable(&manifest, "workspace"), "dependencies")) {
    edit(DependencyTable::kWorkspace, *inherited);
  }
}

std::string EffectiveResolver(const TomlTable& root) {
  for (const std::string_view table : {"workspace", "package"}) {
    const std::string* resolver = FindString(FindTable(&root, table), "resolver");
    if (resolver != nullptr) return *resolver;
  }
  const TomlValue* edition = PackageField(root, root, "edition");
  const std::string* year = edition == nullptr ? nullptr : edition->AsString();
  if (year == nullptr || *year < "2021") return "1";
  return *year < "2024" ? "2" : "3";
}

}  // namespace depcache
