#pragma once

#include <string_view>

namespace depcache {

// Compares two versions by the precedence of semver 2.0 §11, then by build
// metadata, as Cargo orders a lock file (the `semver` crate's Ord). Below 0 if
// `a` comes first. A text which is no version still has a place: parts which
// are no numbers compare as text.
int CompareVersions(std::string_view a, std::string_view b);

}  // namespace depcache
