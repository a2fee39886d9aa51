// Package sources of a cook: from the server into CARGO_HOME.

#pragma once

#include <span>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "cache/base/digest.h"
#include "client/context.h"
#include "client/cook/cook_input.h"
#include "client/cook/summary.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

// What an offline build of this checkout's lock needs: `packages` are the
// layer's own, with their sources; of all others the index entries. A
// CARGO_HOME that cannot be written is no error: cargo can still download.
// Errors: of the stream.
absl::Status RestoreSourcesOfLayer(Context& context, const CookInput& input, RemoteCache& remote,
                                   BlobStream& blobs, std::span<const Digest> packages,
                                   CookSummary& summary);

// Sources of the recipe's packages, as far as the server has them, so that
// cargo need not download what it plans and compiles. What goes wrong is only
// noted in the summary.
void RestoreSourcesOfRecipe(Context& context, const CookInput& input, RemoteCache& remote,
                            CookSummary& summary);

// What of the lock's package sources is in CARGO_HOME now: files that say so,
// as paths below it.
std::vector<std::string> SourceFiles(const Lockfile& lock, const MachineFolders& folders);

}  // namespace depcache::client
