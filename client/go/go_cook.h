// `go cook`: the packages of others in Go's caches, from the server if
// somebody compiled them, else compiled here and shared.

#pragma once

#include <string>

#include "client/context.h"
#include "client/cook/summary.h"

namespace depcache::client {

struct GoCookFlags {
  std::string recipe_path;  // a recipe.json; "": the checkout we are in
  std::string tags;         // as for `go build -tags`
};

// Never touches a source file, nor anything but GOMODCACHE and GOCACHE. A
// server that fails costs time only. exit_code: 0; Go's own where it failed;
// ExitCode::kUsage where there is nothing to cook.
CookSummary RunGoCook(Context& context, const GoCookFlags& flags);

}  // namespace depcache::client
