#pragma once

#include <set>
#include <string>

#include <absl/status/statusor.h>

#include "cache/recipe/local_packages.h"
#include "cache/recipe/skeleton.h"

namespace depcache {

// Restricts a skeleton to what some packages need. Empty: everything.
struct Narrowing {
  std::set<std::string> packages;  // names of members
  std::set<std::string> bins;      // names of their binaries, or of members

  bool IsEmpty() const { return packages.empty() && bins.empty(); }
};

// The binaries of a workspace: name and the index of a package that has it.
using BinOwners = std::set<std::pair<std::string, std::size_t>>;

// The members that `narrowing` names; all of them if it is empty. Several
// members may have a binary of one name: then all of these.
// Errors: NOT_FOUND (nothing has the name; the message lists the nearest).
absl::StatusOr<PackageSet> SelectMembers(const LocalPackages& packages, const BinOwners& bins,
                                         const Narrowing& narrowing);

}  // namespace depcache
