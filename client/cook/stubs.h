#pragma once

#include "client/context.h"
#include "client/flags/cargo_flags.h"

namespace depcache::client {

// `cook --no-build`: writes the manifests and stubs of a recipe.json into the
// current folder. Refuses to overwrite a file that is there with another
// content, before anything is written. The command's exit code.
int WriteStubs(Context& context, const CargoFlags& flags);

}  // namespace depcache::client
