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
#include "cache/layer/limits.h"

namespace depcache {

// Largest frame a store takes: what zstd makes of incompressible bytes is a
// little longer than they are.
inline constexpr std::size_t kMaxFrameBytes = kMaxBlobBytes + (kMaxBlobBytes >> 6);

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

// Errors: INVALID_ARGUMENT if a blob is above kMaxBlobBytes or its frame above
// kMaxFrameBytes. Every BlobStore::Write calls it first.
absl::Status CheckLimits(std::span<const NewBlob> blobs);

struct BlobState {
  std::uint32_t plain_bytes = 0;
  std::uint32_t stored_bytes = 0;
  std::uint32_t generation = 0;  // number; higher is newer
};

struct GenerationState {
  std::uint32_t number = 0;        // never used again after a drop
  std::uint64_t stored_bytes = 0;  // about what dropping it frees
};

// The store as it was when the view was opened: what was readable then stays
// readable through it to the end, also after its generation was dropped. What
// is written later may or may not be readable. A view keeps the store open and
// the space of its generations in use.
// Thread-safe.
class BlobView {
 public:
  virtual ~BlobView() = default;

  // Receives the outcome for `hashes[index]`; false stops the read. Called
  // without a lock. Errors it may be handed: NOT_FOUND; DATA_LOSS (stored bytes
  // do not match their checksum or cannot be read: the blob is dropped and
  // NOT_FOUND from then on); UNAVAILABLE.
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
  // Errors: INVALID_ARGUMENT (a blob above kMaxBlobBytes, or a frame above
  // kMaxFrameBytes; nothing was written); RESOURCE_EXHAUSTED (disk full; a
  // part may have been written); UNAVAILABLE.
  virtual absl::Status Write(std::span<const NewBlob> blobs) = 0;

  // Copies blobs of older generations into the newest. Skips what is missing.
  // Visible and durable as with Write, and at the latest with DropOldest.
  // Errors: RESOURCE_EXHAUSTED (disk full); UNAVAILABLE.
  virtual absl::Status CopyForward(std::span<const BlobHash> hashes) = 0;

  // Oldest first; at least one.
  virtual std::vector<GenerationState> Generations() = 0;

  // Opens a new newest generation.
  // Errors: RESOURCE_EXHAUSTED (disk full); UNAVAILABLE.
  virtual absl::Status Rotate() = 0;

  // Drops the oldest generation; what only it held is NOT_FOUND from then on,
  // except through views that are open. Makes durable first what was copied
  // forward, so that a crash brings back either the one place or the other; a
  // full disk does not stop the drop, which is how space comes back.
  // Errors: FAILED_PRECONDITION if it is the only one; UNAVAILABLE.
  virtual absl::Status DropOldest() = 0;
};

}  // namespace depcache
