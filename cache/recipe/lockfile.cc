#include "cache/recipe/lockfile.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "cache/base/status.h"
#include "cache/recipe/toml_text.h"
#include "cache/recipe/toml_value.h"
#include "cache/recipe/version_order.h"

namespace depcache {
namespace {

// Dependencies name a git package without the commit its own entry ends with.
std::string_view WithoutCommit(std::string_view source) {
  return source.substr(0, source.find('#'));
}

// Cargo orders sources by kind first: git, path, registry, sparse registry.
int SourceRank(std::string_view source) {
  if (source.starts_with("git+")) return 0;
  if (source.empty()) return 1;
  if (source.starts_with("registry+")) return 2;
  return source.starts_with("sparse+") ? 3 : 4;
}

bool InCargosOrder(const LockedPackage& a, const LockedPackage& b) {
  if (a.name != b.name) return a.name < b.name;
  if (const int order = CompareVersions(a.version, b.version); order != 0) return order < 0;
  if (a.version != b.version) return a.version < b.version;
  return std::pair(SourceRank(a.source), a.source) < std::pair(SourceRank(b.source), b.source);
}

// A dependency as text: "name[ version[ (source)]]".
struct Reference {
  std::string_view name;
  std::string_view version;
  std::string_view source;
};

Reference ParseReference(std::string_view text) {
  Reference reference;
  const auto next = [&text] {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text = space == std::string_view::npos ? "" : text.substr(space + 1);
    return word;
  };
  reference.name = next();
  reference.version = next();
  if (text.starts_with('(') && text.ends_with(')')) {
    reference.source = text.substr(1, text.size() - 2);
  }
  return reference;
}

using PackagesByName = std::multimap<std::string_view, std::size_t>;

// The one package `reference` can mean, by Cargo's rules (encode.rs,
// lookup_id): without a version there must be one version only; without a
// source a local package goes before the others.
std::optional<std::size_t> Resolve(const Reference& reference, const PackagesByName& by_name,
                                   const std::vector<LockedPackage>& packages) {
  std::vector<std::size_t> locals;
  std::vector<std::size_t> others;
  std::string_view version = reference.version;
  const auto [first, last] = by_name.equal_range(reference.name);
  for (auto it = first; it != last; ++it) {
    const LockedPackage& package = packages[it->second];
    if (version.empty()) version = package.version;
    if (package.version != version) {
      if (reference.version.empty()) return std::nullopt;
      continue;
    }
    if (reference.source.empty()) {
      (package.IsLocal() ? locals : others).push_back(it->second);
    } else if (WithoutCommit(package.source) == WithoutCommit(reference.source)) {
      return it->second;
    }
  }
  const std::vector<std::size_t>& candidates = locals.empty() ? others : locals;
  if (candidates.size() != 1) return std::nullopt;
  return candidates.front();
}

std::string StringOr(const TomlTable& table, std::string_view key) {
  const std::string* text = FindString(&table, key);
  return text == nullptr ? "" : *text;
}

absl::StatusOr<LockedPackage> ParsePackage(const TomlValue& value) {
  const TomlTable* table = value.AsTable();
  if (table == nullptr) return InvalidArgument("a package is not a table");
  LockedPackage package;
  package.name = StringOr(*table, "name");
  package.version = StringOr(*table, "version");
  package.source = StringOr(*table, "source");
  package.checksum = StringOr(*table, "checksum");
  for (const std::string* text : {&package.name, &package.version, &package.source}) {
    if (text->find_first_of(" \n") != std::string::npos) {
      return InvalidArgument("package `{}` has blanks in its name, version or source",
                             package.name);
    }
  }
  if (package.name.empty() || package.version.empty()) {
    return InvalidArgument("a package has no name or no version");
  }
  return package;
}

absl::StatusOr<std::vector<LockedPackage>> ParsePackages(const TomlValue* list) {
  std::vector<LockedPackage> packages;
  const TomlArray* array = list == nullptr ? nullptr : list->AsArray();
  if (array == nullptr) return packages;
  if (array->size() > kMaxLockedPackages) {
    return InvalidArgument("{} packages, more than the {} allowed", array->size(),
                           kMaxLockedPackages);
  }
  for (const TomlValue& value : *array) {
    DEPCACHE_ASSIGN_OR_RETURN(LockedPackage package, ParsePackage(value));
    packages.push_back(std::move(package));
  }
  return packages;
}

absl::Status AddDependencies(const TomlArray& list, Lockfile& lock) {
  PackagesByName by_name;
  for (std::size_t i = 0; i < lock.packages.size(); ++i) {
    by_name.emplace(lock.packages[i].name, i);
  }
  for (std::size_t i = 0; i < lock.packages.size(); ++i) {
    LockedPackage& package = lock.packages[i];
    const auto resolve = [&](const std::string& text) -> absl::StatusOr<std::size_t> {
      const auto found = Resolve(ParseReference(text), by_name, lock.packages);
      if (found.has_value()) return *found;
      return InvalidArgument("package `{}` depends on `{}`, which the lock does not list",
                             package.name, text);
    };
    const TomlTable* table = list[i].AsTable();
    for (const std::string& text : StringsOf(Find(table, "dependencies"))) {
      DEPCACHE_ASSIGN_OR_RETURN(const std::size_t found, resolve(text));
      package.dependencies.push_back(found);
    }
    if (const std::string* text = FindString(table, "replace")) {
      DEPCACHE_ASSIGN_OR_RETURN(package.replacement, resolve(*text));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> ParseFormat(const TomlTable& table) {
  const TomlValue* version = Find(&table, "version");
  const auto* number = version == nullptr ? nullptr : std::get_if<std::int64_t>(&version->value);
  if (version != nullptr && number == nullptr) return InvalidArgument("`version` is no number");
  if (number == nullptr || *number < 3) {
    return FailedPrecondition(
        "it has the format of a Cargo before 1.53; run `cargo generate-lockfile` to renew it");
  }
  if (*number > 4) {
    return FailedPrecondition("it has format version {}; this depcache reads versions 3 and 4",
                              *number);
  }
  return *number;
}

// How the packages of a lock must be spelled: as short as is unambiguous.
class References {
 public:
  explicit References(const Lockfile& lock) : lock_(lock) {
    for (const LockedPackage& package : lock.packages) ++counts_[package.name][package.version];
  }

  std::tuple<std::string, std::string, std::string> Parts(std::size_t index) const {
    const LockedPackage& package = lock_.packages[index];
    const auto& versions = counts_.at(package.name);
    const bool has_source = versions.at(package.version) > 1;
    const bool has_version = has_source || versions.size() > 1;
    return {package.name, has_version ? package.version : "",
            std::string(has_source ? WithoutCommit(package.source) : "")};
  }

  std::vector<std::string> Sorted(const std::vector<std::size_t>& indices) const {
    std::vector<std::tuple<std::string, std::string, std::string>> parts;
    for (const std::size_t index : indices) parts.push_back(Parts(index));
    std::ranges::sort(parts);
    std::vector<std::string> texts;
    for (const auto& part : parts) texts.push_back(Text(part));
    return texts;
  }

  static std::string Text(const std::tuple<std::string, std::string, std::string>& parts) {
    const auto& [name, version, source] = parts;
    std::string text = name;
    if (!version.empty()) text += ' ' + version;
    if (!source.empty()) text += " (" + source + ')';
    return text;
  }

 private:
  const Lockfile& lock_;
  std::map<std::string_view, std::map<std::string_view, int>> counts_;
};

void PrintPackage(const LockedPackage& package, const References& references, std::string& out) {
  const auto line = [&out](std::string_view key, const std::string& value) {
    if (value.empty()) return;
    fmt::format_to(std::back_inserter(out), "{} = {}\n", key, PrintTomlInline(TomlString(value)));
  };
  line("name", package.name);
  line("version", package.version);
  line("source", package.source);
  line("checksum", package.checksum);
  if (package.replacement.has_value()) {
    line("replace", References::Text(references.Parts(*package.replacement)));
  } else if (!package.dependencies.empty()) {
    out += "dependencies = [\n";
    for (const std::string& text : references.Sorted(package.dependencies)) {
      fmt::format_to(std::back_inserter(out), " {},\n", PrintTomlInline(TomlString(text)));
    }
    out += "]\n";
  }
}

}  // namespace

absl::StatusOr<Lockfile> ParseLockfile(std::string_view text) {
  DEPCACHE_ASSIGN_OR_RETURN(const TomlTable table, ParseToml(text));
  Lockfile lock;
  DEPCACHE_ASSIGN_OR_RETURN(lock.format, ParseFormat(table));
  const TomlValue* list = Find(&table, "package");
  DEPCACHE_ASSIGN_OR_RETURN(lock.packages, ParsePackages(list));
  DEPCACHE_ASSIGN_OR_RETURN(lock.unused_patches,
                            ParsePackages(Find(FindTable(&table, "patch"), "unused")));
  if (!lock.packages.empty()) {
    DEPCACHE_RETURN_IF_ERROR(AddDependencies(*list->AsArray(), lock));
  }
  SortPackages(lock);
  for (std::size_t i = 1; i < lock.packages.size(); ++i) {
    const LockedPackage& package = lock.packages[i];
    const LockedPackage& before = lock.packages[i - 1];
    if (std::tie(package.name, package.version, package.source) ==
        std::tie(before.name, before.version, before.source)) {
      return InvalidArgument("package `{} {}` is listed twice", package.name, package.version);
    }
  }
  return lock;
}

std::string PrintLockfile(const Lockfile& lock) {
  const References references(lock);
  std::string out = fmt::format(
      "# This file is automatically @generated by Cargo.\n"
      "# It is not intended for manual editing.\n"
      "version = {}\n",
      lock.format);
  for (const LockedPackage& package : lock.packages) {
    out += "\n[[package]]\n";
    PrintPackage(package, references, out);
  }
  for (const LockedPackage& package : lock.unused_patches) {
    out += "\n[[patch.unused]]\n";
    PrintPackage(package, references, out);
  }
  return out;
}

void SortPackages(Lockfile& lock) {
  std::vector<std::size_t> order(lock.packages.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&lock](std::size_t a, std::size_t b) {
    return InCargosOrder(lock.packages[a], lock.packages[b]);
  });
  std::vector<std::size_t> place(order.size());
  std::vector<LockedPackage> sorted;
  for (std::size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    sorted.push_back(std::move(lock.packages[order[i]]));
  }
  for (LockedPackage& package : sorted) {
    for (std::size_t& index : package.dependencies) index = place[index];
    std::ranges::sort(package.dependencies);
    package.dependencies.erase(
        std::unique(package.dependencies.begin(), package.dependencies.end()),
        package.dependencies.end());
    if (package.replacement.has_value()) package.replacement = place[*package.replacement];
  }
  lock.packages = std::move(sorted);
  std::ranges::sort(lock.unused_patches, InCargosOrder);
}

std::vector<std::string> LockLines(const Lockfile& lock) {
  const References references(lock);
  std::vector<std::string> lines;
  for (const LockedPackage& package : lock.packages) {
    std::string line = package.name + ' ' + package.version;
    if (!package.source.empty()) line += ' ' + package.source;
    if (!package.checksum.empty()) line += ' ' + package.checksum;
    if (package.replacement.has_value()) {
      line += " replaced by " + References::Text(references.Parts(*package.replacement));
    } else if (!package.dependencies.empty()) {
      line += fmt::format(": {}", fmt::join(references.Sorted(package.dependencies), ", "));
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace depcache
