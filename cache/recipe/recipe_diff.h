#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/recipe/recipe.h"

namespace depcache {

inline constexpr std::size_t kDefaultDiffLines = 20;

// How a part changed, for people: "profile: dev -> release"; for values of
// several lines what went and what came, and in the lock which package moved:
// "lock: serde 1.0.228 -> 1.0.229". At most `max_lines` lines, the last one
// then says how many more there are. nullopt: the part is absent on this side.
// Thread-safe.
std::vector<std::string> DescribePart(std::string_view name, std::optional<std::string_view> before,
                                      std::optional<std::string_view> after,
                                      std::size_t max_lines = kDefaultDiffLines);

// The same for all parts that differ, in order of their names; `max_lines` for
// each part.
std::vector<std::string> DescribeChange(const Recipe& before, const Recipe& after,
                                        std::size_t max_lines = kDefaultDiffLines);

}  // namespace depcache
