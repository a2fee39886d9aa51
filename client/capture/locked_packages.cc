#include "client/capture/locked_packages.h"

#include "cache/base/status.h"
#include "cache/cargo/git_layout.h"
#include "cache/cargo/source_url.h"

namespace depcache::client {
namespace {

// The unit graph names a git source without its commit.
std::string GraphSource(const std::string& source) {
  const absl::StatusOr<GitSource> git = ParseGitSource(source);
  return git.ok() ? git->Unlocked() : source;
}

// "https://user:password@host/…"; of "ssh://git@host/…" the user is no secret.
bool HasPassword(std::string_view source) {
  const absl::StatusOr<SourceUrl> url = ParseSourceUrl(source);
  if (!url.ok()) return false;
  const std::size_t at = url->authority.rfind('@');
  if (at == std::string::npos) return false;
  return !url->scheme.ends_with("ssh") || url->authority.find(':') < at;
}

}  // namespace

LockedPackages::LockedPackages(const Lockfile& lock, const MachineFolders& folders)
    : folders_(folders) {
  for (const LockedPackage& package : lock.packages) {
    if (package.IsLocal()) continue;
    packages_[{package.name, package.version, GraphSource(package.source)}] = {
        package.name, package.version, package.source, package.checksum};
  }
}

absl::StatusOr<PackageId> LockedPackages::InDirectory(const PlannedUnit& unit,
                                                      PackageId id) const {
  for (const DirectoryPackage& here : folders_.directory_packages) {
    if (here.root != unit.package_root) continue;
    if (here.name != id.name || here.version != id.version) break;
    if (here.digest.empty()) return FailedPrecondition("its vendored files cannot be read");
    id.checksum = here.digest;
    return id;
  }
  return FailedPrecondition("its folder {} is not the package", unit.package_root);
}

absl::StatusOr<PackageId> LockedPackages::Find(const PlannedUnit& unit) const {
  const PackageSpec& package = unit.package;
  const auto locked = packages_.find({package.name, package.version, package.source});
  if (locked == packages_.end()) return FailedPrecondition("Cargo.lock does not have it");
  const PackageId& id = locked->second;
  if (package.kind == SourceKind::kDirectory) return InDirectory(unit, id);
  if (IsGitSource(id.source)) {
    if (!ParseGitSource(id.source).ok()) {
      return FailedPrecondition("Cargo.lock has no commit for it");
    }
    if (HasPassword(id.source)) {
      return FailedPrecondition("the URL of its repository names a user");
    }
    return id;
  }
  if (id.checksum.empty()) return FailedPrecondition("Cargo.lock has no checksum for it");
  return id;
}

}  // namespace depcache::client
