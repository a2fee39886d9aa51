#include "client/cook/share_layer.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "cache/base/status.h"
#include "cache/layer/layer_index.h"
#include "cache/layer/limits.h"
#include "client/capture/capture_packages.h"
#include "client/capture/git_sources.h"
#include "client/capture/unit_sender.h"
#include "client/cook/plan_flow.h"

namespace depcache::client {
namespace {

absl::StatusOr<std::vector<Digest>> SendIndex(const LayerIndex& index, UnitSender& sender) {
  const std::string bytes = Encode(index);
  std::vector<CapturedBlob> blobs;
  std::vector<Digest> pieces;
  for (std::size_t pos = 0; pos < bytes.size(); pos += kMaxBlobBytes) {
    auto piece = std::make_shared<std::string>(bytes.substr(pos, kMaxBlobBytes));
    pieces.push_back(DigestOf(*piece));
    blobs.push_back(CapturedBlob{pieces.back(), {}, 0, std::move(piece)});
  }
  DEPCACHE_RETURN_IF_ERROR(sender.SendMissing(blobs));
  return pieces;
}

// The packages whose sources Cargo opens for what is selected.
std::set<PackageId> ReachablePackages(const CookInput& input) {
  std::set<PackageId> reachable;
  for (const LockedPackage& package : input.lock.packages) {
    if (!package.checksum.empty() && IsReachable(input.recipe, package.checksum)) {
      reachable.insert({package.name, package.version, package.source, package.checksum});
    }
  }
  return reachable;
}

}  // namespace

absl::StatusOr<std::uint64_t> ShareLayer(const Context& context, const CookInput& input,
                                         RemoteCache& remote, LayoutKind layout,
                                         const std::vector<KnownUnit>& units,
                                         std::uint32_t left_out) {
  UnitSender sender(remote);
  LayerIndex index;
  index.layout = layout;
  index.left_out = left_out;
  for (const KnownUnit& unit : units) index.units.push_back(LayerUnit{unit.ref, unit.record});
  const auto add = [&](const CapturedPackage& package) {
    sender.Add(package);
    index.packages.push_back(package.record_digest);
  };
  const auto crates = CapturePackages(input.lock, ReachablePackages(input), input.folders);
  std::for_each(crates.begin(), crates.end(), add);
  const auto git = CaptureGitSources(input.lock, input.folders, context.processes);
  std::for_each(git.begin(), git.end(), add);
  DEPCACHE_RETURN_IF_ERROR(sender.Flush().status());
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<Digest> pieces, SendIndex(index, sender));
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<Digest> missing,
                            remote.CommitLayer(input.recipe, pieces));
  if (!missing.empty()) {
    return Unavailable("the layer was not recorded: {} of its blobs are not on the server",
                       missing.size());
  }
  return sender.bytes_sent();
}

}  // namespace depcache::client
