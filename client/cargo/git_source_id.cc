#include "client/cargo/git_source_id.h"

#include "cache/base/status.h"
#include "cache/cargo/git_layout.h"

namespace depcache::client {

absl::StatusOr<PackageId> GitSourceId(const std::string& source) {
  DEPCACHE_ASSIGN_OR_RETURN(const GitSource git, ParseGitSource(source));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string folder, GitDirName(git.url));
  return PackageId{folder.substr(0, folder.rfind('-')), git.commit, source,
                   GitSourceChecksum(source)};
}

}  // namespace depcache::client
