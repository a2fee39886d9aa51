// Packages of a plan as Cargo.lock names them.

#pragma once

#include <array>
#include <map>
#include <string>

#include <absl/status/statusor.h>

#include "cache/cargo/unit_plan.h"
#include "cache/layer/unit_record.h"
#include "cache/recipe/lockfile.h"
#include "client/cargo/machine_folders.h"

namespace depcache::client {

// Knows each package's checksum, or the commit of its git repository: what
// the unit graph does not say, and what makes a name and a version one thing.
// Thread-compatible.
class LockedPackages {
 public:
  // Borrows `folders`.
  LockedPackages(const Lockfile& lock, const MachineFolders& folders);

  // Of a package in a directory source the digest of its files stands in place
  // of the checksum, which says nothing of them.
  // Errors: FAILED_PRECONDITION (the lock has neither for it; a URL that
  // holds a password; files that cannot be read), said for people.
  absl::StatusOr<PackageId> Find(const PlannedUnit& unit) const;

 private:
  absl::StatusOr<PackageId> InDirectory(const PlannedUnit& unit, PackageId id) const;

  const MachineFolders& folders_;
  std::map<std::array<std::string, 3>, PackageId> packages_;  // name, version, source
};

}  // namespace depcache::client
