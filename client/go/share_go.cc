#include "client/go/share_go.h"

#include "cache/base/status.h"
#include "cache/layer/layer_index.h"
#include "cache/layer/limits.h"
#include "client/capture/unit_sender.h"

namespace depcache::client {
namespace {

// A commit is small: what it names has been sent before.
constexpr std::size_t kUnitsPerCommit = 500;
constexpr std::uint64_t kBytesPerCommit = 64 << 20;

}  // namespace

absl::Status ShareGoLayer(RemoteCache& remote, const Recipe& recipe,
                          const std::vector<CapturedUnit>& units, std::uint32_t left_out,
                          CookSummary& summary) {
  UnitSender sender(remote);
  LayerIndex index;
  index.layout = LayoutKind::kGo;
  index.left_out = left_out;
  for (std::size_t i = 0; i < units.size(); ++i) {
    sender.Add(i, units[i]);
    index.units.push_back(LayerUnit{units[i].ref, units[i].record_digest});
    const bool is_full = (i + 1) % kUnitsPerCommit == 0 || i + 1 == units.size() ||
                         sender.pending_bytes() >= kBytesPerCommit;
    if (!is_full) continue;
    DEPCACHE_ASSIGN_OR_RETURN(const std::vector<std::size_t> shared, sender.Flush());
    summary.units_shared += static_cast<std::uint32_t>(shared.size());
  }
  const std::string bytes = Encode(index);
  std::vector<CapturedBlob> blobs;
  std::vector<Digest> pieces;
  for (std::size_t pos = 0; pos < bytes.size(); pos += kMaxBlobBytes) {
    auto piece = std::make_shared<const std::string>(bytes.substr(pos, kMaxBlobBytes));
    pieces.push_back(DigestOf(*piece));
    blobs.push_back(CapturedBlob{pieces.back(), {}, 0, std::move(piece)});
  }
  DEPCACHE_RETURN_IF_ERROR(sender.SendMissing(blobs));
  summary.bytes_sent += sender.bytes_sent();
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<Digest> missing, remote.CommitLayer(recipe, pieces));
  if (!missing.empty()) {
    return Unavailable("the layer was not recorded: {} of its blobs are not on the server",
                       missing.size());
  }
  summary.layer_recorded = true;
  return absl::OkStatus();
}

}  // namespace depcache::client
