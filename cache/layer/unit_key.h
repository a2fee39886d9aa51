// The key of a unit: everything its output depends on, before it is built.
//
// Canonical forms, version 1:
//
//   inputs := SHA-256( "depcache.unit-inputs.v1\n" count:u32 part* )
//   part   := name:str SHA-256(value):32     ; in the order of names
//   unit   := SHA-256( "depcache.unit.v1\n" inputs:32 count:u32 dep* )
//   dep    := key:32 output:32               ; in ascending order
//   build  := SHA-256( "depcache.build.v1\n" inputs:32 count:u32 build:32* )
//
// In two steps, so that whoever knows the outputs of the dependencies can form
// the key from 32 bytes per unit: the server does, for a plan it is sent.
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

UnitInputs UnitInputsOf(const UnitKeyParts& parts);

UnitKey UnitKeyOf(const UnitInputs& inputs, std::vector<UnitRef> deps);

// Names a unit that nobody has built yet, by what its dependencies are to be
// built from: what builders agree on who compiles it by. Not a key to bytes.
BuildKey BuildKeyOf(const UnitInputs& inputs, std::vector<BuildKey> deps);

// Names what a unit is, whatever its version and its key: the times that such
// units took say what another one of them will take. "" for units of Go.
std::string TimeNameOf(const UnitPlace& place);

}  // namespace depcache
