#include "cache/recipe/cook_selection.h"

#include <algorithm>
#include <set>

#include <fnmatch.h>

namespace depcache {
namespace {

// A -p as cargo reads it (PackageIdSpec), as far as it can name a member: the
// version after '@' or ':' says nothing about members, whose own is masked.
std::string NameIn(const std::string& spec) {
  if (spec.find('/') != std::string::npos) return "";
  return spec.substr(0, spec.find_first_of(":@"));
}

PackageSet Matching(const LocalPackages& packages, const PackageSet& candidates,
                    const std::string& spec) {
  PackageSet matching;
  const std::string pattern = NameIn(spec);
  for (const std::size_t index : candidates) {
    if (fnmatch(pattern.c_str(), packages[index].name.c_str(), 0) == 0) matching.insert(index);
  }
  return matching;
}

PackageSet DefaultPackages(const LocalPackages& packages, const PackageSet& members) {
  const TomlTable& root = packages.root().manifest;
  if (Find(FindTable(&root, "workspace"), "default-members") != nullptr) {
    const FolderList defaults(root, "default-members");
    PackageSet selected;
    for (const std::size_t index : members) {
      if (defaults.Contains(packages[index].folder)) selected.insert(index);
    }
    return selected;
  }
  if (members.contains(packages.root_index())) return {packages.root_index()};
  return members;
}

const std::vector<std::string>* NamesOf(const CookSelection& selection, TargetKind kind) {
  switch (kind) {
    case TargetKind::kBin:
      return &selection.bin_names;
    case TargetKind::kExample:
      return &selection.example_names;
    case TargetKind::kTest:
      return &selection.test_names;
    case TargetKind::kBench:
      return &selection.bench_names;
    case TargetKind::kLib:
    case TargetKind::kProcMacro:
    case TargetKind::kBuildScript:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

SelectedPackages SelectPackages(const LocalPackages& packages, const CookSelection& selection) {
  SelectedPackages selected;
  const PackageSet members = packages.Members();
  if (!selection.packages.empty()) {
    for (const std::string& spec : selection.packages) {
      PackageSet matching = Matching(packages, members, spec);
      selected.is_exact &= !matching.empty();
      selected.packages.merge(matching);
    }
  } else if (selection.workspace) {
    selected.packages = members;
    for (const std::string& spec : selection.excluded) {
      for (const std::size_t index : Matching(packages, members, spec)) {
        selected.packages.erase(index);
      }
    }
  } else {
    selected.packages = DefaultPackages(packages, members);
  }
  return selected;
}

bool BuildsKind(const CookSelection& selection, TargetKind kind) {
  if (kind != TargetKind::kExample && kind != TargetKind::kTest && kind != TargetKind::kBench) {
    return true;
  }
  // Tests bring examples along, and benchmarks are tests of a kind: once one
  // of them is asked for, all count.
  return selection.examples || selection.tests || selection.benches || selection.all_targets ||
         !selection.example_names.empty() || !selection.test_names.empty() ||
         !selection.bench_names.empty();
}

bool NamesTarget(const CookSelection& selection, TargetKind kind, std::string_view name) {
  const std::vector<std::string>* patterns = NamesOf(selection, kind);
  if (patterns == nullptr) return false;
  const std::string text(name);
  return std::ranges::any_of(*patterns, [&text](const std::string& pattern) {
    return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
  });
}

std::vector<std::string> TargetSelectionLines(const CookSelection& selection) {
  std::set<std::string> lines;
  const bool all = selection.all_targets;
  if (all || selection.lib) lines.insert("lib");
  if (all || selection.bins) lines.insert("bins");
  if (all || selection.examples) lines.insert("examples");
  if (all || selection.tests) lines.insert("tests");
  if (all || selection.benches) lines.insert("benches");
  for (const TargetKind kind :
       {TargetKind::kBin, TargetKind::kExample, TargetKind::kTest, TargetKind::kBench}) {
    for (const std::string& name : *NamesOf(selection, kind)) {
      lines.insert(std::string(TargetKindText(kind)) + ' ' + name);
    }
  }
  return {lines.begin(), lines.end()};
}

std::vector<std::string> FeatureSelectionLines(const CookSelection& selection) {
  std::set<std::string> lines;
  if (selection.all_features) lines.insert("all-features");
  if (selection.no_default_features) lines.insert("no-default-features");
  for (const std::string& text : selection.features) {
    std::size_t pos = 0;
    while (pos < text.size()) {
      const std::size_t end = std::min(text.find_first_of(", \t\n", pos), text.size());
      if (end > pos) lines.insert("feature " + text.substr(pos, end - pos));
      pos = end + 1;
    }
  }
  return {lines.begin(), lines.end()};
}

}  // namespace depcache
