// Reads a Cargo.toml as far as this library needs it. The form is Cargo's
// (cargo-util-schemas, manifest/mod.rs); what is not known here is left alone.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/recipe/toml_value.h"

namespace depcache {

// The version that stands in for a workspace package's own: its number changes
// with every release, and no dependency is compiled differently for it.
inline constexpr std::string_view kMaskedVersion = "0.0.1";

// The document. Old spellings are replaced by today's: [project],
// dev_dependencies, build_dependencies, default_features, crate_type,
// proc_macro. Thread-safe.
// Errors: INVALID_ARGUMENT (no TOML, or [package] or [workspace] is no table,
// or a package has no name of letters, digits, '-' and '_').
absl::StatusOr<TomlTable> ParseManifest(std::string_view text);

// The package's name; "" if the manifest has no [package].
std::string PackageName(const TomlTable& manifest);

// A field of [package] which may say `workspace = true`, then read from
// [workspace.package] of `root`. nullptr if neither has it.
const TomlValue* PackageField(const TomlTable& manifest, const TomlTable& root,
                              std::string_view field);

enum class DependencyTable {
  kNormal,
  kDev,
  kBuild,
  kWorkspace,  // [workspace.dependencies]
  kPatch,      // [patch.<registry>]; only in a root
  kReplace,    // [replace]; only in a root
};

// One entry of one of a manifest's dependency tables. Borrows.
struct DependencyEntry {
  DependencyTable table = DependencyTable::kNormal;
  std::string where;  // "target.\"cfg(unix)\".dev-dependencies"
  const std::string* key = nullptr;
  const TomlValue* value = nullptr;

  // The entry's `field` if the entry is a table and has it.
  const TomlValue* Field(std::string_view field) const { return Find(value->AsTable(), field); }
  // `path = "…"`, as written; nullptr if there is none.
  const std::string* Path() const { return FindString(value->AsTable(), "path"); }
  bool IsInherited() const { return FindBool(value->AsTable(), "workspace", false); }
  // The depended-on package's name: `package` if the entry renames it.
  const std::string& PackageName() const {
    const std::string* package = FindString(value->AsTable(), "package");
    return package == nullptr ? *key : *package;
  }
};

// Every entry, table by table, in order of keys. Borrows from `manifest`.
std::vector<DependencyEntry> DependencyEntries(const TomlTable& manifest);

// Calls `edit` with each dependency table of the manifest, those of [target]
// and [workspace] included, [patch] and [replace] not.
void ForEachDependencyTable(TomlTable& manifest,
                            const std::function<void(DependencyTable, TomlTable&)>& edit);

// "1", "2" or "3": [workspace] or [package] `resolver`, else what the root
// package's edition implies; a workspace without a root package gets "1".
std::string EffectiveResolver(const TomlTable& root);

}  // namespace depcache
