// Packages of a plan as Cargo.lock names them.

#pragma once

#include <array>
#include <map>
#include <string>

#include <absl/status/statusor.h>

#include "cache/cargo/package_spec.h"
#include "cache/layer/unit_record.h"
#include "cache/recipe/lockfile.h"

namespace depcache::client {

// Knows each package's checksum, or the commit of its git repository: what
// the unit graph does not say, and what makes a name and a version one thing.
// Thread-compatible.
class LockedPackages {
 public:
  explicit LockedPackages(const Lockfile& lock);

  // Errors: FAILED_PRECONDITION (the lock has neither for it; a URL that
  // holds a password), said for people.
  absl::StatusOr<PackageId> Find(const PackageSpec& package) const;

 private:
  std::map<std::array<std::string, 3>, PackageId> packages_;  // name, version, source
};

}  // namespace depcache::client
