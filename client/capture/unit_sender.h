#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include <absl/status/statusor.h>

#include "client/capture/capture_packages.h"
#include "client/capture/capture_unit.h"
#include "client/remote/remote_cache.h"

namespace depcache::client {

// Sends captured units in batches: asks which blobs are missing, sends those,
// commits. Not thread-safe.
class UnitSender {
 public:
  // `remote` must outlive this object.
  explicit UnitSender(RemoteCache& remote) : remote_(remote) {}

  void Add(std::size_t unit, const CapturedUnit& captured);
  void Add(const CapturedPackage& captured);

  // Bytes of files that wait to be sent.
  std::uint64_t pending_bytes() const { return pending_bytes_; }
  bool IsEmpty() const { return units_.empty() && packages_.empty(); }

  // Sends and commits all that was added. The units which are now on the
  // server. Errors: as RemoteCache; what was added is given up.
  absl::StatusOr<std::vector<std::size_t>> Flush();

  // Sends blobs that are missing on the server, without a commit.
  absl::Status SendMissing(const std::vector<CapturedBlob>& blobs);

  std::uint64_t bytes_sent() const { return bytes_sent_; }

 private:
  RemoteCache& remote_;
  std::vector<std::size_t> indices_;
  std::vector<UnitToCommit> units_;
  std::vector<Digest> packages_;
  std::vector<CapturedBlob> blobs_;
  std::uint64_t pending_bytes_ = 0;
  std::uint64_t bytes_sent_ = 0;
};

}  // namespace depcache::client
