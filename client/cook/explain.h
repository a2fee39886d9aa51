// In which parts a recipe differs from one that a layer was built by, and
// where each of these parts comes from. Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/recipe/recipe.h"
#include "client/context.h"
#include "client/remote/remote_admin.h"

namespace depcache::client {

// A part that differs, or that one side alone has.
struct PartChange {
  std::string name;
  std::string from;                       // where our value comes from: "Cargo.lock", "--profile"
  std::optional<PartDigest> ours_digest;  // nullopt: we have no such part
  std::optional<PartDigest> theirs_digest;
  std::optional<std::string> ours;    // nullopt: none
  std::optional<std::string> theirs;  // nullopt: none, or not known
  PartState theirs_state = PartState::kShown;
  // For people, theirs -> ours: "profile: dev -> release".
  std::vector<std::string> lines;
};

// In the order of names. With `package`, of a part which lists packages
// (`lock`, `packages`) only the lines about this one are told.
std::vector<PartChange> ChangesOf(const Recipe& ours, const std::vector<StoredPart>& theirs,
                                  const Environment& environment, std::string_view package = "");

// What a user would change to change this part.
std::string OriginOf(std::string_view part, const Environment& environment);

}  // namespace depcache::client
