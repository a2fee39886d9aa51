// Whether units come out with the same bytes when they are compiled again here,
// from nothing, with the same flags and remaps.

#pragma once

#include <cstdint>

#include <absl/status/status.h>

#include "cache/cargo/unit_plan.h"
#include "client/context.h"
#include "client/cook/cook_input.h"
#include "client/cook/summary.h"

namespace depcache::client {

// What came of one unit.
enum class Verdict : std::uint8_t {
  kSame,
  kDebugOnly,        // other bytes in debug sections alone
  kDiffers,          // two compiles agree with each other, and not with what is there
  kNotReproducible,  // two compiles do not agree with each other
  kNotCompared,      // it was not compiled, or must not be captured
};

// Compiles `percent` of the known units (at least one, chosen by chance), and all
// that stands on them, in scratch folders below the build directory, which are
// removed: once, and once more if bytes differ. The rest is copied there. Fills
// in summary.verified, and accuses units which differ, those aside that stand on
// one which differs.
// Errors: CANCELLED; of the disk; NOT_FOUND (no cargo).
absl::Status VerifyUnits(Context& context, const CookInput& input, const UnitPlan& plan,
                         std::uint32_t percent, CookSummary& summary);

}  // namespace depcache::client
