// Where blobs are kept: immutable bytes named by the SHA-256 of their plain
// form, held as zstd frames in *generations*. The newest generation takes all
// writes; eviction drops the oldest whole, after what is still wanted was
// copied forward. So space is accounted exactly and freed in one step.
//
// What a store does not promise: who may see a blob (the catalog's refs do),
// that a frame expands to its name (the writer checked, the reader checks
// again), or that a write survives a crash before Catalog::Commit.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/digest.h"

namespace depcache {

// A stored frame, borrowed from the store for as long as `owner` lives.
struct Frame {
  std::shared_ptr<const void> owner;
  std::string_view bytes;         // one zstd frame
  std::uint32_t plain_bytes = 0;  // what it expands to
};

struct NewBlob {
  Digest digest;
  std::string_view frame;  // borrowed for the call
};

struct BlobState {
  std::uint32_t plain_bytes = 0;
  std::uint32_t stored_bytes = 0;
  std::uint32_t generation = 0;  // number; higher is newer
};

struct GenerationState {
  std::uint32_t number = 0;
  std::uint64_t stored_bytes = 0;
};

// The store as it was when the view was opened: what was readable then stays
// readable through it to the end, also after its generation was dropped.
// Thread-safe.
class BlobView {
 public:
  virtual ~BlobView() = default;

  // Receives the outcome for `hashes[index]`; false stops the read.
  // Errors it may be handed: NOT_FOUND; DATA_LOSS (stored bytes do not match
  // their checksum: the blob is dropped and NOT_FOUND from then on);
  // UNAVAILABLE.
  using FrameSink = std::function<bool(std::size_t index, absl::StatusOr<Frame> frame)>;

  // Reads in the given order. Blocks on the disk.
  virtual void Read(std::span<const BlobHash> hashes, const FrameSink& sink) = 0;
};

// Thread-safe.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  virtual std::shared_ptr<BlobView> OpenView() = 0;

  // One entry per hash; nullopt where the blob is not there.
  // Errors: UNAVAILABLE.
  virtual absl::StatusOr<std::vector<std::optional<BlobState>>> Find(
      std::span<const BlobHash> hashes) = 0;

  // Adds to the newest generation what is not there. The caller has checked
  // that each frame expands to its digest. Visible at once, durable after the
  // next Catalog::Commit.
  // Errors: RESOURCE_EXHAUSTED (disk full); UNAVAILABLE.
  virtual absl::Status Write(std::span<const NewBlob> blobs) = 0;

  // Copies blobs of older generations into the newest. Skips what is missing.
  // Errors: as Write.
  virtual absl::Status CopyForward(std::span<const BlobHash> hashes) = 0;

  // Oldest first; at least one.
  virtual std::vector<GenerationState> Generations() = 0;

  // Opens a new newest generation.
  virtual absl::Status Rotate() = 0;

  // Drops the oldest generation; what only it held is NOT_FOUND from then on,
  // except through views that are open. Errors: FAILED_PRECONDITION if it is
  // the only one.
  virtual absl::Status DropOldest() = 0;
};

}  // namespace depcache
