#include "client/cook/restore_sources.h"

#include <set>

#include "cache/base/status.h"
#include "client/cook/layer_download.h"
#include "client/restore/restore_registry.h"

namespace depcache::client {
namespace {

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
  absl::Status AddOthers(const RegistryGaps& gaps, std::vector<PackageRecord>& records) {
    std::set<PackageId> known;
    for (const PackageRecord& record : records) known.insert(record.package);
    std::set<PackageId> others;
    for (const PackageId& package : gaps.without_index) {
      if (!known.contains(package)) others.insert(package);
    }
    DEPCACHE_ASSIGN_OR_RETURN(std::vector<PackageRecord> more, Fetch(others));
    for (PackageRecord& record : more) {
      record.crate.clear();  // not compiled here: the index entry is enough
      records.push_back(std::move(record));
    }
    return absl::OkStatus();
  }

  // Packages which still have no index entry.
  std::vector<PackageId> Write(const RegistryGaps& gaps,
                               const std::vector<PackageRecord>& records) {
    const absl::StatusOr<RegistryResult> result =
        RestoreRegistry(input_.lock, gaps, records, input_.folders, blobs_);
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
  Context& context_;
  const CookInput& input_;
  RemoteCache& remote_;
  BlobStream& blobs_;
  CookSummary& summary_;
};

absl::Status RestoreForPlan(Context& context, const CookInput& input, RemoteCache& remote,
                            CookSummary& summary) {
  DEPCACHE_ASSIGN_OR_RETURN(const Lockfile pruned, ParseLockfile(input.skeleton.lock));
  const RegistryGaps gaps = FindGaps(pruned, input.folders);
  if (gaps.IsEmpty()) return absl::OkStatus();
  const PhaseTimer timer(summary, "sources");
  std::set<PackageId> packages(gaps.without_index.begin(), gaps.without_index.end());
  packages.insert(gaps.without_crate.begin(), gaps.without_crate.end());
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
  const RegistryGaps gaps = FindGaps(input.lock, input.folders);
  if (gaps.IsEmpty()) return absl::OkStatus();
  Flow flow(context, input, remote, blobs, summary);
  DEPCACHE_ASSIGN_OR_RETURN(std::vector<PackageRecord> records, DownloadPackages(packages, blobs));
  DEPCACHE_RETURN_IF_ERROR(flow.AddOthers(gaps, records));
  const std::vector<PackageId> without = flow.Write(gaps, records);
  if (!without.empty()) {
    context.terminal.Warn(fmt::format(
        "{} packages of Cargo.lock ({}, …) are unknown to the server: cargo --offline needs "
        "them in CARGO_HOME",
        without.size(), without.front().name));
  }
  return absl::OkStatus();
}

void RestoreSourcesOfRecipe(Context& context, const CookInput& input, RemoteCache& remote,
                            CookSummary& summary) {
  const absl::Status status = RestoreForPlan(context, input, remote, summary);
  context.terminal.ClearProgress();
  if (!status.ok()) summary.server_error = MessageOf(status);
}

}  // namespace depcache::client
