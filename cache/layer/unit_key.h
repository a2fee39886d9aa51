// The key of a unit: everything its output depends on, before it is built.
//
// Canonical form, version 1:
//
//   unit  := "depcache.unit.v1\n" count:u32 part* count:u32 dep*
//   part  := name:str SHA-256(value):32     ; in the order of names
//   dep   := key:32 output:32               ; in ascending order
//
// Cargo's own unit hash is one of the parts and not enough: it is the same for
// two commits of a git branch, for patched sources under one version, and for
// dependencies whose bytes differ. The output digests of the dependencies are
// what keeps units of two builders from being mixed (rustc's E0460).

#pragma once

#include <map>
#include <string>
#include <vector>

#include "cache/base/digest.h"
#include "cache/layer/unit_record.h"

namespace depcache {

// Name -> value; names are listed in docs/formats.md.
using UnitKeyParts = std::map<std::string, std::string>;

UnitKey UnitKeyOf(const UnitKeyParts& parts, std::vector<UnitRef> deps);

}  // namespace depcache
