// Whether cargo agrees with what was restored: of the units that are on disk
// before cargo runs, which ones it compiled again, why, and which ones could
// not be used.
//
// Cargo empties the hash file of a unit before it compiles it, and never writes
// to the one of a fresh unit. So hash files tell what was compiled, and Cargo's
// log is asked only for the reason.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "cache/cargo/unit_plan.h"
#include "client/capture/capture_unit.h"
#include "client/capture/hash_file.h"
#include "client/cargo/cargo_reasons.h"
#include "client/cargo/machine_folders.h"
#include "client/context.h"
#include "client/cook/stamp.h"
#include "client/cook/summary.h"

namespace depcache::client {

// Made when everything is restored and before cargo runs. Borrows plan and
// folders. Not thread-safe.
class Audit {
 public:
  // `known`: by plan index, what stands on disk as we put it there. `vouched`:
  // those of them that a server vouched for in this cook, by hash file.
  Audit(const UnitPlan& plan, const MachineFolders& folders,
        std::span<const std::optional<KnownUnit>> known,
        const std::map<std::string, UnitRef>& vouched);

  // Known units that `errors` name; by plan index, without what stands on them.
  std::vector<std::size_t> FindBroken(std::span<const LoadError> errors) const;

  // The first error that names it; "" if none does.
  std::string ErrorOf(std::size_t unit, std::span<const LoadError> errors) const;

  // Takes units, and all known ones that stand on them, off the disk and out of
  // `stamps`, under Cargo's locks: cargo then compiles them. How many.
  // Errors: DEADLINE_EXCEEDED (another cargo holds the locks), CANCELLED.
  absl::StatusOr<std::size_t> Wipe(Context& context, std::span<const std::size_t> units,
                                   Stamps& stamps) const;

  // Of the run of cargo that has ended. Units that cargo compiled again though
  // they were restored, without those that stand on one which was compiled too:
  // they had to be. `broken`: what was wiped after an error, and which one.
  // `now`: as the units are known now; tells whether other bytes came out.
  std::vector<AccusedUnit> Accuse(std::span<const StaleReason> stale,
                                  const std::map<std::size_t, std::string>& broken,
                                  std::span<const std::optional<KnownUnit>> now) const;

  // Cargo compiled it since this object was made.
  bool WasCompiled(std::size_t unit) const { return StateOf(unit) != before_[unit]; }

 private:
  std::optional<HashFileState> StateOf(std::size_t unit) const;
  AccusedUnit AccusedOf(std::size_t unit, ReportReason reason, std::string text,
                        std::span<const std::optional<KnownUnit>> now) const;

  const UnitPlan& plan_;
  const MachineFolders& folders_;
  std::vector<std::optional<KnownUnit>> known_;
  std::vector<bool> is_restored_;
  std::vector<std::optional<HashFileState>> before_;
};

}  // namespace depcache::client
