#include "client/cook/restore_sources.h"

#include <set>

#include "cache/base/status.h"
#include "cache/cargo/git_layout.h"
#include "client/cook/layer_download.h"
#include "client/cook/plan_flow.h"
#include "client/restore/restore_git.h"
#include "client/restore/restore_registry.h"

namespace depcache::client {
namespace {

// What CARGO_HOME lacks of a lock.
struct SourceGaps {
  RegistryGaps registry;
  std::vector<PackageId> git;

  bool IsEmpty() const { return registry.IsEmpty() && git.empty(); }
};

SourceGaps FindSourceGaps(const Lockfile& lock, const MachineFolders& folders) {
  return {FindGaps(lock, folders), FindGitGaps(lock, folders)};
}

class Flow {
 public:
  Flow(Context& context, const CookInput& input, RemoteCache& remote, BlobStream& blobs,
       CookSummary& summary)
      : context_(context), input_(input), remote_(remote), blobs_(blobs), summary_(summary) {}

  // Records of those that the server knows.
  absl::StatusOr<std::vector<PackageRecord>> Fetch(const std::set<PackageId>& packages) {
    std::vector<PartDigest> checksums;
    for (const PackageId& package : packages) {
      DEPCACHE_ASSIGN_OR_RETURN(const PartDigest checksum, PartDigest::FromHex(package.checksum));
      checksums.push_back(checksum);
    }
    if (checksums.empty()) return std::vector<PackageRecord>();
    DEPCACHE_ASSIGN_OR_RETURN(const auto found, remote_.FindPackages(checksums));
    std::vector<Digest> digests;
    for (const std::optional<Digest>& digest : found) {
      if (digest) digests.push_back(*digest);
    }
    return DownloadPackages(digests, blobs_);
  }

  // Adds packages of this lock which are not among the records: what members
  // that were not selected need. Cargo wants index entries of them all.
  absl::Status AddOthers(const SourceGaps& gaps, std::vector<PackageRecord>& records) {
    std::set<PackageId> known;
    for (const PackageRecord& record : records) known.insert(record.package);
    std::set<PackageId> others;
    for (const std::vector<PackageId>* list :
         {&gaps.registry.without_index, &gaps.registry.without_config, &gaps.git}) {
      for (const PackageId& package : *list) {
        if (!known.contains(package)) others.insert(package);
      }
    }
    DEPCACHE_ASSIGN_OR_RETURN(std::vector<PackageRecord> more, Fetch(others));
    for (PackageRecord& record : more) {
      // Not compiled here: the index entry is enough. Of git, Cargo reads manifests.
      if (!IsGitSource(record.package.source)) record.crate.clear();
      records.push_back(std::move(record));
    }
    return absl::OkStatus();
  }

  // Packages which still have no index entry.
  std::vector<PackageId> Write(const SourceGaps& gaps, const std::vector<PackageRecord>& records) {
    WriteGit(gaps.git, records);
    const absl::StatusOr<RegistryResult> result =
        RestoreRegistry(input_.lock, gaps.registry, records, input_.folders, blobs_);
    if (!result.ok()) {
      context_.terminal.Warn(
          fmt::format("package sources were not restored: {}", MessageOf(result.status())));
      return {};
    }
    summary_.crates_restored += result->crates;
    summary_.bytes_received += result->bytes_received;
    summary_.bytes_written += result->bytes_written;
    return result->still_without_index;
  }

 private:
  void WriteGit(const std::vector<PackageId>& gaps, const std::vector<PackageRecord>& records) {
    const absl::StatusOr<GitResult> result = RestoreGit(gaps, records, input_.folders, blobs_);
    if (!result.ok()) {
      context_.terminal.Warn(
          fmt::format("git sources were not restored: {}", MessageOf(result.status())));
      return;
    }
    summary_.crates_restored += result->repositories;
    summary_.bytes_received += result->bytes_received;
    summary_.bytes_written += result->bytes_written;
  }

  Context& context_;
  const CookInput& input_;
  RemoteCache& remote_;
  BlobStream& blobs_;
  CookSummary& summary_;
};

absl::Status RestoreForPlan(Context& context, const CookInput& input, RemoteCache& remote,
                            CookSummary& summary) {
  DEPCACHE_ASSIGN_OR_RETURN(const Lockfile pruned, ParseLockfile(input.skeleton.lock));
  SourceGaps gaps = FindSourceGaps(pruned, input.folders);
  std::erase_if(gaps.registry.without_crate, [&](const PackageId& package) {
    return !IsReachable(input.recipe, package.checksum);
  });
  if (gaps.IsEmpty()) return absl::OkStatus();
  const PhaseTimer timer(summary, "sources");
  const RegistryGaps& registry = gaps.registry;
  std::set<PackageId> packages(registry.without_index.begin(), registry.without_index.end());
  packages.insert(registry.without_crate.begin(), registry.without_crate.end());
  packages.insert(registry.without_config.begin(), registry.without_config.end());
  packages.insert(gaps.git.begin(), gaps.git.end());
  DEPCACHE_ASSIGN_OR_RETURN(const std::unique_ptr<BlobStream> blobs, remote.OpenBlobs(""));
  Flow flow(context, input, remote, *blobs, summary);
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<PackageRecord> records, flow.Fetch(packages));
  flow.Write(gaps, records);
  return absl::OkStatus();
}

}  // namespace

absl::Status RestoreSourcesOfLayer(Context& context, const CookInput& input, RemoteCache& remote,
                                   BlobStream& blobs, std::span<const Digest> packages,
                                   CookSummary& summary) {
  const PhaseTimer timer(summary, "sources");
  const SourceGaps gaps = FindSourceGaps(input.lock, input.folders);
  if (gaps.IsEmpty()) return absl::OkStatus();
  Flow flow(context, input, remote, blobs, summary);
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<PackageRecord> records, DownloadPackages(packages, blobs));
  DEPCACHE_RETURN_IF_ERROR(flow.AddOthers(gaps, records));
  const std::vector<PackageId> without = flow.Write(gaps, records);
  if (const std::vector<PackageId> git = FindGitGaps(input.lock, input.folders); !git.empty()) {
    context.terminal.Warn(fmt::format(
        "{} git sources of Cargo.lock ({}, …) are unknown to the server: cargo --offline needs "
        "them in CARGO_HOME",
        git.size(), git.front().source));
  }
  if (!without.empty()) {
    context.terminal.Warn(fmt::format(
        "{} packages of Cargo.lock ({}, …) are unknown to the server: cargo --offline needs "
        "them in CARGO_HOME",
        without.size(), without.front().name));
  }
  return absl::OkStatus();
}

std::vector<std::string> SourceFiles(const Lockfile& lock, const MachineFolders& folders) {
  std::vector<std::string> files = RegistryFiles(lock, folders);
  const std::vector<std::string> git = GitFiles(lock, folders);
  files.insert(files.end(), git.begin(), git.end());
  return files;
}

void RestoreSourcesOfRecipe(Context& context, const CookInput& input, RemoteCache& remote,
                            CookSummary& summary) {
  const absl::Status status = RestoreForPlan(context, input, remote, summary);
  context.terminal.ClearProgress();
  if (!status.ok()) summary.server_error = MessageOf(status);
}

}  // namespace depcache::client
