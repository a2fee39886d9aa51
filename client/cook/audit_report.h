#pragma once

#include "client/cook/summary.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

// Tells the server of accused units that may be wrong for others too, and marks
// them as reported. Left out: what speaks of this disk alone (times of files; a
// unit that could not be used and came out with the same bytes). With
// `may_write`, a stale unit whose bytes came out again is committed again, so
// that the server can take the new record for the old one. Never fails: without
// the server nothing is reported.
void ReportAccused(RemoteCache& remote, bool may_write, CookSummary& summary);

}  // namespace depcache::client
