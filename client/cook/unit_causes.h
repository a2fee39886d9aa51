// Why units of a build are not those of a layer: for each the first input that
// differs, looking down to what it stands on, and how many units follow from
// it. Pure.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cache/cargo/unit_plan.h"
#include "cache/layer/unit_record.h"

namespace depcache::client {

enum class CauseKind {
  kVariable,  // a variable that a script or crate declared has another value
  kFile,      // so has a file outside of its package
  kVersion,   // another version of the package
  kFeatures,  // other features of it
  kPart,      // parts of the recipe that reach every unit, or this one's hash
  kNew,       // the layer has no such unit
  kUnknown,   // none of these; Cargo gives it another hash
};
std::string_view NameOf(CauseKind kind);

struct UnitCause {
  CauseKind kind = CauseKind::kUnknown;
  std::string input;  // "OPENSSL_DIR", a path, "rustflags", "openssl-sys"
  // Of a variable or file `sha256:` and the digest of its value, which is
  // never shown. nullopt: not set, not there, or not known.
  std::optional<std::string> theirs;
  std::optional<std::string> ours;
  std::set<std::string> packages;  // that saw it: "openssl-sys 0.9.1"
  std::uint32_t units = 0;         // these, and what stands on them

  friend bool operator==(const UnitCause&, const UnitCause&) = default;
};

// The value of a predicate here.
using PredicateValueHere = std::function<std::optional<PartDigest>(const Predicate& predicate)>;

struct CauseInput {
  const UnitPlan& plan;
  const std::vector<bool>& is_missing;  // by plan index: these are explained
  const std::vector<UnitRecord>& records;
  const std::vector<std::string>& changed_parts;  // of the recipe
  PredicateValueHere value_here;
};

// Largest first.
std::vector<UnitCause> CausesOf(const CauseInput& input);

// Without a plan: only variables and files, and no number of units.
std::vector<UnitCause> CausesOf(const std::vector<UnitRecord>& records,
                                const PredicateValueHere& value_here);

// "12 units miss because openssl-sys 0.9.1 saw OPENSSL_DIR (theirs: not set, ours: …)"
std::string ToText(const UnitCause& cause);

}  // namespace depcache::client
