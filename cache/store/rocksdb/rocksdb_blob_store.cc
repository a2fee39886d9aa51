#include "cache/store/rocksdb/rocksdb_blob_store.h"

#include <algorithm>
#include <set>
#include <utility>

#include "cache/base/status.h"

namespace depcache {
namespace {

// Rows of this many blobs are looked up at once while reading.
constexpr std::size_t kReadAhead = 64;
// Rows that wait for a commit in memory. More than these, and the writer makes
// them durable itself.
constexpr std::size_t kMaxWaitingRows = 1 << 16;

class RocksDbView final : public BlobView {
 public:
  explicit RocksDbView(std::shared_ptr<StoreParts> parts)
      : parts_(std::move(parts)), held_(parts_->generations->All()) {}

  void Read(std::span<const BlobHash> hashes, const FrameSink& sink) override {
    for (std::size_t first = 0; first < hashes.size(); first += kReadAhead) {
      const auto some = hashes.subspan(first, std::min(kReadAhead, hashes.size() - first));
      const auto rows = parts_->index.Lookup(some);
      for (std::size_t i = 0; i < some.size(); ++i) {
        if (!sink(first + i, rows.ok() ? ReadOne(some[i], (*rows)[i]) : rows.status())) return;
      }
    }
  }

 private:
  absl::StatusOr<Frame> ReadOne(const BlobHash& hash, const std::optional<BlobRow>& row) const {
    std::shared_ptr<Generation> generation;
    if (row) generation = Hold(row->generation);
    if (generation != nullptr && !generation->IsLost(hash)) {
      return ReadFrom(std::move(generation), hash);
    }
    // The row may be gone or name a copy which was dropped since, while a
    // generation of this view still has the blob.
    for (const std::shared_ptr<Generation>& held : held_) {
      if (parts_->generations->Find(held->number()) != nullptr || held->IsLost(hash)) continue;
      absl::StatusOr<Frame> frame = ReadFrame(held, hash);
      if (frame.ok()) return frame;
      if (!absl::IsNotFound(frame.status())) return ReadFrom(held, hash);
    }
    return NotFound("no blob {}", hash.ToShortHex());
  }

  absl::StatusOr<Frame> ReadFrom(std::shared_ptr<Generation> generation,
                                 const BlobHash& hash) const {
    absl::StatusOr<Frame> frame = ReadFrame(generation, hash);
    if (frame.ok() || absl::IsUnavailable(frame.status())) return frame;
    return parts_->lane.Reread(generation, hash);
  }

  std::shared_ptr<Generation> Hold(std::uint32_t number) const {
    for (const std::shared_ptr<Generation>& held : held_) {
      if (held->number() == number) return held;
    }
    return parts_->generations->Find(number);
  }

  const std::shared_ptr<StoreParts> parts_;
  const std::vector<std::shared_ptr<Generation>> held_;  // oldest first
};

class RocksDbBlobStore final : public BlobStore {
 public:
  explicit RocksDbBlobStore(std::shared_ptr<StoreParts> parts) : parts_(std::move(parts)) {}

  std::shared_ptr<BlobView> OpenView() override { return std::make_shared<RocksDbView>(parts_); }

  absl::StatusOr<std::vector<std::optional<BlobState>>> Find(
      std::span<const BlobHash> hashes) override {
    std::vector<std::optional<BlobState>> states(hashes.size());
    DEPCACHE_ASSIGN_OR_RETURN(const auto rows, parts_->index.Lookup(hashes));
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if (!rows[i]) continue;
      const std::shared_ptr<Generation> generation = parts_->generations->Find(rows[i]->generation);
      if (generation == nullptr || generation->IsLost(hashes[i])) continue;
      states[i] = BlobState{rows[i]->plain_bytes, rows[i]->stored_bytes, rows[i]->generation};
    }
    return states;
  }

  absl::Status Write(std::span<const NewBlob> blobs) override {
    DEPCACHE_RETURN_IF_ERROR(CheckLimits(blobs));
    DEPCACHE_RETURN_IF_ERROR(parts_->lane.EnsureWritable());
    std::vector<BlobHash> hashes;
    for (const NewBlob& blob : blobs) hashes.push_back(blob.digest.hash);
    DEPCACHE_ASSIGN_OR_RETURN(const auto states, Find(hashes));
    std::vector<const NewBlob*> missing;
    std::set<BlobHash> named;
    for (std::size_t i = 0; i < blobs.size(); ++i) {
      if (!states[i] && named.insert(hashes[i]).second) missing.push_back(&blobs[i]);
    }
    DEPCACHE_RETURN_IF_ERROR(PutInNewest(missing));
    if (parts_->on_point) parts_->on_point("write");
    return parts_->index.waiting_count() > kMaxWaitingRows ? parts_->lane.Persist()
                                                           : absl::OkStatus();
  }

  absl::Status CopyForward(std::span<const BlobHash> hashes) override {
    DEPCACHE_RETURN_IF_ERROR(parts_->lane.EnsureWritable());
    const std::uint32_t newest = parts_->generations->Newest()->number();
    DEPCACHE_ASSIGN_OR_RETURN(const auto states, Find(hashes));
    std::vector<BlobHash> wanted;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if (states[i] && states[i]->generation < newest) wanted.push_back(hashes[i]);
    }
    absl::Status copied;
    OpenView()->Read(wanted, [&](std::size_t i, absl::StatusOr<Frame> frame) {
      if (!frame.ok()) return true;
      const NewBlob blob{Digest{wanted[i], frame->plain_bytes}, frame->bytes};
      const NewBlob* const put = &blob;
      copied = PutInNewest({&put, 1});
      return copied.ok();
    });
    return copied;
  }

  std::vector<GenerationState> Generations() override {
    std::vector<GenerationState> states;
    for (const std::shared_ptr<Generation>& generation : parts_->generations->All()) {
      states.push_back(GenerationState{generation->number(), generation->stored_bytes()});
    }
    return states;
  }

  absl::Status Rotate() override {
    const absl::Status rotated = parts_->lane.Rotate();
    parts_->upkeep.Notice();
    return rotated;
  }

  absl::Status DropOldest() override {
    const absl::Status dropped = parts_->lane.DropOldest();
    parts_->upkeep.Notice();
    return dropped;
  }

 private:
  // What was newest may be dropped before all is in it: then once more.
  absl::Status PutInNewest(std::span<const NewBlob* const> blobs) {
    if (blobs.empty()) return absl::OkStatus();
    while (true) {
      const std::shared_ptr<Generation> newest = parts_->generations->Newest();
      DEPCACHE_RETURN_IF_ERROR(newest->Put(blobs));
      AddRows(blobs, newest->number());
      if (parts_->generations->Find(newest->number()) != nullptr) {
        return parts_->lane.FlushIfLarge(newest, parts_->write_buffer_bytes);
      }
      parts_->index.DropWaiting(newest->number());
    }
  }

  void AddRows(std::span<const NewBlob* const> blobs, std::uint32_t generation) {
    for (const NewBlob* blob : blobs) {
      parts_->index.Add(blob->digest.hash,
                        BlobRow{generation, static_cast<std::uint32_t>(blob->digest.size_bytes),
                                static_cast<std::uint32_t>(blob->frame.size())});
    }
  }

  const std::shared_ptr<StoreParts> parts_;
};

}  // namespace

std::shared_ptr<BlobStore> MakeRocksDbBlobStore(std::shared_ptr<StoreParts> parts) {
  return std::make_shared<RocksDbBlobStore>(std::move(parts));
}

}  // namespace depcache
