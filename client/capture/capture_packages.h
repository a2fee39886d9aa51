// The sources of packages as records: what an offline build needs of them.

#pragma once

#include <set>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/layer/layer_index.h"
#include "cache/recipe/lockfile.h"
#include "client/capture/captured_blob.h"
#include "client/cargo/machine_folders.h"

namespace depcache::client {

struct CapturedPackage {
  PackageRecord record;
  Digest record_digest;
  std::vector<CapturedBlob> blobs;  // pieces of the .crate, and the record
};

// Records for the registry packages of `lock` that CARGO_HOME has an index
// entry for; with the .crate where `with_crate` holds the package. A .crate
// that is not what the lock names is left out. Records of the registries' own
// configuration where they are not crates.io.
std::vector<CapturedPackage> CapturePackages(const Lockfile& lock,
                                             const std::set<PackageId>& with_crate,
                                             const MachineFolders& folders);

// Whether the unpacked sources of a package are those of its .crate: a file
// edited, added or removed by hand makes every unit of it somebody's own.
// Errors: FAILED_PRECONDITION naming the first difference; of the disk.
absl::Status CheckSources(const PackageId& package, const MachineFolders& folders);

}  // namespace depcache::client
