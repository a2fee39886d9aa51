#include "client/cargo/source_ids.h"

#include "cache/base/status.h"
#include "cache/cargo/git_layout.h"
#include "cache/cargo/registry_layout.h"

namespace depcache::client {

absl::StatusOr<PackageId> GitSourceId(const std::string& source) {
  DEPCACHE_ASSIGN_OR_RETURN(const GitSource git, ParseGitSource(source));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string folder, GitDirName(git.url));
  return PackageId{folder.substr(0, folder.rfind('-')), git.commit, source,
                   GitSourceChecksum(source)};
}

absl::StatusOr<PackageId> RegistryConfigId(const std::string& source) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::string name, RegistryDirName(source));
  return PackageId{name, "config.json", source, RegistryConfigChecksum(source)};
}

}  // namespace depcache::client
