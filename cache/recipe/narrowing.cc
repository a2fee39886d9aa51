#include "cache/recipe/narrowing.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cache/base/status.h"
#include "cache/base/text.h"

namespace depcache {
namespace {

constexpr std::size_t kListedNames = 5;

absl::Status NoSuchName(std::string_view what, const std::string& name, const BinOwners& known) {
  std::vector<std::string> names;
  for (const auto& [candidate, index] : known) names.push_back(candidate);
  std::vector<std::string> nearest;
  while (nearest.size() < kListedNames) {
    std::string next = NearestName(name, names);
    if (next.empty()) break;
    std::erase(names, next);
    nearest.push_back(std::move(next));
  }
  // Nothing is alike: any names are better than none.
  if (nearest.empty()) {
    names.resize(std::min(names.size(), kListedNames));
    nearest = std::move(names);
  }
  return NotFound("the workspace has no {} `{}`; the nearest are: {}", what, name,
                  fmt::join(nearest, ", "));
}

// Adds those of `known` which have the name; false if none has.
bool AddNamed(const std::string& name, const BinOwners& known, PackageSet& selected) {
  bool is_found = false;
  for (auto it = known.lower_bound({name, 0}); it != known.end() && it->first == name; ++it) {
    selected.insert(it->second);
    is_found = true;
  }
  return is_found;
}

}  // namespace

absl::StatusOr<PackageSet> SelectMembers(const LocalPackages& packages, const BinOwners& bins,
                                         const Narrowing& narrowing) {
  const PackageSet members = packages.Members();
  if (narrowing.IsEmpty()) return members;
  BinOwners named;
  for (const std::size_t index : members) named.emplace(packages[index].name, index);
  PackageSet selected;
  for (const std::string& name : narrowing.packages) {
    if (!AddNamed(name, named, selected)) return NoSuchName("package", name, named);
  }
  for (const std::string& name : narrowing.bins) {
    if (AddNamed(name, bins, selected) || AddNamed(name, named, selected)) continue;
    named.insert(bins.begin(), bins.end());
    return NoSuchName("binary or package", name, named);
  }
  return selected;
}

}  // namespace depcache
