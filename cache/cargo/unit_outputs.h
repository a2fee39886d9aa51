// Which files a complete unit has, by role: so that neither capture nor
// restore looks for files by pattern. From Cargo's calc_outputs_rustc and
// custom_build.rs.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/cargo/unit_plan.h"

namespace depcache {

struct UnitOutput {
  FileRole role = FileRole::kRlib;
  // Always ""; kOutDirEntry stands for the whole folder OUT_DIR, which exists
  // even if it is empty and is listed by whoever captures it.
  std::string name;
  // May be absent from a complete unit.
  bool is_optional = false;

  friend bool operator==(const UnitOutput&, const UnitOutput&) = default;
};

// The files Cargo and the compiler leave for an eligible unit, apart from the
// hash file and its JSON. A unit without one that is not optional is damaged
// or not what we think, and is not stored. Empty for units of kind kOther.
std::vector<UnitOutput> OutputsOf(const PlannedUnit& unit);

// True if the unit has .dwo files too (DwarfObjectPrefix says which): by its
// profile, or by the RUSTFLAGS its fingerprint names.
bool HasDwarfObjects(const PlannedUnit& unit, const std::vector<std::string>& rustflags);

}  // namespace depcache
