// A compiled unit as a record: what Cargo left on disk, taken by role, with
// the folders of this machine as placeholders. Everything that must not be
// shared is refused here.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/cargo/root_scan.h"
#include "cache/cargo/unit_plan.h"
#include "cache/layer/unit_key.h"
#include "cache/layer/unit_record.h"
#include "client/capture/captured_blob.h"
#include "client/capture/declared_inputs.h"
#include "client/cargo/machine_folders.h"

namespace depcache::client {

struct CapturedUnit {
  UnitRecord record;
  UnitRef ref;
  Digest record_digest;
  std::uint64_t fingerprint_hash = 0;  // as it is on this machine's disk
  // Files and the record itself, each blob once.
  std::vector<CapturedBlob> blobs;
};

// A unit which is on disk and whose identity is known: captured or restored.
struct KnownUnit {
  UnitRef ref;
  Digest record;
  std::uint64_t fingerprint_hash = 0;  // as in its hash file here
};

struct CaptureInput {
  const UnitPlan& plan;
  std::size_t unit = 0;  // index into plan.units; eligible
  // By plan index. All dependencies of `unit` are there.
  std::span<const std::optional<KnownUnit>> known;
  UnitKeyParts key_parts;
  PackageId package;  // the unit's, as in Cargo.lock
  const MachineFolders& folders;
  const RootScanner& scanner;
  bool is_native = false;  // its key holds the host's facts
  EnvLookup env = {};      // variables as Cargo sees them; none: no variable is set
};

// Reads the unit. Errors, all of which leave it unshared and say why for
// people: NOT_FOUND (it is not built); FAILED_PRECONDITION (it must not be
// shared: its hash file does not match its JSON, an output is missing or names
// a folder of this machine, its build script is another tool's launcher, a
// file it declared does not exist …); of the disk.
absl::StatusOr<CapturedUnit> CaptureUnit(const CaptureInput& input);

}  // namespace depcache::client
