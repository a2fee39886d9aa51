#include "cache/recipe/lockfile_prune.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "cache/base/status.h"

namespace depcache {
namespace {

constexpr std::size_t kUnreached = static_cast<std::size_t>(-1);

std::vector<bool> Reach(const Lockfile& lock, std::vector<std::size_t> waiting) {
  std::vector<bool> reached(lock.packages.size(), false);
  while (!waiting.empty()) {
    const std::size_t index = waiting.back();
    waiting.pop_back();
    if (reached[index]) continue;
    reached[index] = true;
    const LockedPackage& package = lock.packages[index];
    for (const std::size_t below : package.dependencies) waiting.push_back(below);
    if (package.replacement.has_value()) waiting.push_back(*package.replacement);
  }
  return reached;
}

}  // namespace

absl::StatusOr<Lockfile> PruneLockfile(const Lockfile& lock, const std::set<std::string>& roots) {
  std::vector<std::size_t> waiting;
  std::set<std::string> found;
  for (std::size_t i = 0; i < lock.packages.size(); ++i) {
    const LockedPackage& package = lock.packages[i];
    if (!package.IsLocal() || !roots.contains(package.name)) continue;
    waiting.push_back(i);
    found.insert(package.name);
  }
  for (const std::string& name : roots) {
    if (found.contains(name)) continue;
    return FailedPrecondition(
        "Cargo.lock does not know package `{}`; run `cargo generate-lockfile` or any cargo build "
        "to bring it up to date",
        name);
  }

  const std::vector<bool> reached = Reach(lock, std::move(waiting));
  std::vector<std::size_t> place(lock.packages.size(), kUnreached);
  Lockfile pruned;
  pruned.format = lock.format;
  for (std::size_t i = 0; i < lock.packages.size(); ++i) {
    if (!reached[i]) continue;
    place[i] = pruned.packages.size();
    pruned.packages.push_back(lock.packages[i]);
  }
  for (LockedPackage& package : pruned.packages) {
    for (std::size_t& index : package.dependencies) index = place[index];
    if (package.replacement.has_value()) package.replacement = place[*package.replacement];
  }
  return pruned;
}

void MaskLocalVersions(Lockfile& lock, std::string_view version,
                       const std::set<std::string>& kept) {
  const auto mask = [&](LockedPackage& package) {
    if (package.IsLocal() && !kept.contains(package.name)) package.version = version;
  };
  for (LockedPackage& package : lock.packages) mask(package);
  for (LockedPackage& package : lock.unused_patches) mask(package);
  SortPackages(lock);
}

std::set<std::string> RepeatedLocalNames(const Lockfile& lock) {
  std::set<std::string> seen;
  std::set<std::string> repeated;
  for (const LockedPackage& package : lock.packages) {
    if (package.IsLocal() && !seen.insert(package.name).second) repeated.insert(package.name);
  }
  return repeated;
}

}  // namespace depcache
