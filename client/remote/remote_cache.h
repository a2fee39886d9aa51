// The server as the client sees it. An interface, so that flows are tested
// against a server in the same process, a slow one, or one that lies.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cache/base/digest.h"
#include "cache/layer/predicate.h"
#include "cache/layer/report_reason.h"
#include "cache/layer/unit_record.h"
#include "cache/recipe/recipe.h"

namespace depcache::client {

// A layer that serves a recipe, if its predicates hold here.
struct LayerVariant {
  std::vector<Predicate> predicates;
  std::vector<Digest> index;
  std::uint32_t unit_count = 0;
  std::uint64_t plain_bytes = 0;
  std::uint64_t compile_ms = 0;
};

struct LayerAnswer {
  std::vector<LayerVariant> variants;
  std::string ticket;
  std::string scope;
};

struct ServerInfo {
  std::string version;
  std::string principal;
  bool can_read = false;
  bool can_write = false;
  std::uint64_t stored_bytes = 0;
  std::uint64_t max_stored_bytes = 0;
  std::int64_t now_unix_seconds = 0;
  bool speaks_our_protocol = false;
  bool knows_our_recipe = false;
};

// A unit of a plan, and what the server says of it.
struct UnitQuestion {
  std::optional<UnitInputs> inputs;  // nullopt: never shared
  std::vector<std::uint32_t> deps;   // positions, smaller than its own
};
struct ResolvedUnit {
  std::uint32_t position = 0;
  UnitRef ref;
  Digest record;
};
struct ResolveAnswer {
  std::vector<ResolvedUnit> units;  // by position; what they stand on is among them
  std::string ticket;
};
// The value here of a variable or a file (PredicateValue), nullopt if absent.
using PredicateValues =
    std::function<std::optional<PartDigest>(PredicateKind kind, const std::string& name)>;

// A lease on units to build, or who is in the way.
struct BuildAnswer {
  std::string lease_id;  // "": none was given
  std::chrono::milliseconds ttl{0};
  std::vector<std::uint32_t> held;  // positions that others are building
  // What such units took where they were compiled last: all of the held ones,
  // and the slowest; 0 if a time is not known of every one.
  std::chrono::milliseconds expected_total{0};
  std::chrono::milliseconds expected_longest{0};
};
// A unit to build: by its key, and by what it is (TimeNameOf).
struct UnitToBuild {
  BuildKey key;
  std::string name;
};

// Units that others are building. Destruction ends the watch.
class BuildWatch {
 public:
  virtual ~BuildWatch() = default;

  // Readable once one of the units is free (landed, failed, or given up), or the
  // watch has ended; to be polled, not read.
  virtual int fd() const = 0;
};

// Blobs as frames, over one stream. Not thread-safe.
class BlobStream {
 public:
  virtual ~BlobStream() = default;

  // Called on the calling thread with the answer for `digests[index]`; the
  // frame is the sink's to keep. False stops the stream for good.
  using FrameSink = std::function<bool(std::size_t index, absl::StatusOr<std::string> frame)>;

  // Asks for the blobs and hands them over in order. May be called again for
  // more. The frames are as the server sent them: not checked yet.
  // Errors: UNAVAILABLE, DEADLINE_EXCEEDED (nothing came for the stall time),
  // UNAUTHENTICATED, PERMISSION_DENIED; the stream is over then.
  virtual absl::Status Read(std::span<const Digest> digests, const FrameSink& sink) = 0;
};

struct UploadBlob {
  BlobHash hash;
  std::string frame;
};

// Sends blobs over one stream. Not thread-safe.
class BlobUpload {
 public:
  virtual ~BlobUpload() = default;
  virtual absl::Status Write(UploadBlob blob) = 0;
  // All blobs have been checked and stored when this is OK. Once only.
  virtual absl::Status Finish() = 0;
};

struct UnitToCommit {
  UnitRef ref;
  Digest record;
};

// Thread-safe. Errors of every method: UNAVAILABLE (no server, or it went
// away), DEADLINE_EXCEEDED, UNAUTHENTICATED, PERMISSION_DENIED, and those
// listed.
class RemoteCache {
 public:
  virtual ~RemoteCache() = default;

  virtual absl::StatusOr<ServerInfo> GetInfo() = 0;

  // Errors: NOT_FOUND (a miss).
  virtual absl::StatusOr<LayerAnswer> GetLayer(const RecipeHash& recipe) = 0;

  // Which units of a plan the server has. `values` is called on this thread.
  virtual absl::StatusOr<ResolveAnswer> ResolveUnits(std::span<const UnitQuestion> units,
                                                     const PredicateValues& values) = 0;

  // Records of packages by checksum; nullopt where unknown.
  virtual absl::StatusOr<std::vector<std::optional<Digest>>> FindPackages(
      std::span<const PartDigest> checksums) = 0;

  // `ticket` as GetLayer gave it, or empty.
  virtual absl::StatusOr<std::unique_ptr<BlobStream>> OpenBlobs(std::string_view ticket) = 0;

  // Positions of those the server does not have.
  virtual absl::StatusOr<std::vector<std::uint32_t>> FindMissing(
      std::span<const Digest> digests) = 0;

  // Errors: RESOURCE_EXHAUSTED.
  virtual absl::StatusOr<std::unique_ptr<BlobUpload>> OpenUpload() = 0;

  // Blobs that are missing on the server; the entries which need them were
  // not recorded. Errors: INVALID_ARGUMENT; RESOURCE_EXHAUSTED.
  virtual absl::StatusOr<std::vector<Digest>> CommitUnits(std::span<const UnitToCommit> units,
                                                          std::span<const Digest> packages) = 0;

  // As CommitUnits: with blobs missing, the layer was not recorded.
  virtual absl::StatusOr<std::vector<Digest>> CommitLayer(const Recipe& recipe,
                                                          std::span<const Digest> index) = 0;

  // Says that a unit was no good here; true if the server stops serving it.
  // Errors: NOT_FOUND (it has no such unit); RESOURCE_EXHAUSTED (too many
  // reports); UNIMPLEMENTED (a server of before).
  virtual absl::StatusOr<bool> ReportUnit(const UnitRef& unit, ReportReason reason,
                                          const std::string& text) = 0;

  // A lease on those of `units` that nobody else builds; with `lease_id` not
  // empty they are added to it. Errors: NOT_FOUND (that lease has ended);
  // RESOURCE_EXHAUSTED.
  virtual absl::StatusOr<BuildAnswer> BeginBuild(std::span<const UnitToBuild> units, bool only_asks,
                                                 std::string_view lease_id) = 0;
  // Errors: NOT_FOUND (it has ended).
  virtual absl::Status RenewBuild(std::string_view lease_id) = 0;
  // Of `units` only; of all, if there are none.
  virtual absl::Status AbandonBuild(std::string_view lease_id,
                                    std::span<const BuildKey> units) = 0;
  // Errors: RESOURCE_EXHAUSTED; UNIMPLEMENTED (a server of before).
  virtual absl::StatusOr<std::unique_ptr<BuildWatch>> WatchBuild(
      std::span<const BuildKey> units) = 0;

  // What a server says that it recomputed from the parts.
  // Errors: INVALID_ARGUMENT if it got another hash.
  virtual absl::Status Fingerprint(const Recipe& recipe) = 0;
};

}  // namespace depcache::client
