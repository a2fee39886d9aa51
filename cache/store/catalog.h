// What the server knows beside blobs: which layers and units exist in which
// scope, and which scope may read which blob.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
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

namespace depcache {

// One scope of one instance, as a key: the first 16 bytes of the SHA-256 of
//   "depcache.scope.v1\n" instance:str scope:str      ; str as in codec.h
// Made by ScopeKeyOf only. Written to stores: never change it.
struct ScopeKey {
  std::array<char, 16> bytes{};
  std::string_view AsBytes() const { return {bytes.data(), bytes.size()}; }
  friend auto operator<=>(const ScopeKey&, const ScopeKey&) = default;
};
ScopeKey ScopeKeyOf(std::string_view instance, std::string_view scope);

// A value of the recipe's trace: its digest and the blob which holds it.
struct TracePart {
  std::string name;
  PartDigest digest;
  Digest value;
  friend bool operator==(const TracePart&, const TracePart&) = default;
};

// A layer of a recipe. A recipe has one per set of values its build scripts
// asked for (a *variant*).
struct LayerRecord {
  RecipeHash recipe;
  PartDigest variant;                 // VariantOf(predicates)
  std::vector<Predicate> predicates;  // normalised
  std::vector<Digest> index;          // blobs of the LayerIndex, in order
  std::vector<TracePart> trace;       // by name
  std::string principal;              // who committed it
  std::int64_t created = 0;           // seconds since 1970
  std::uint32_t unit_count = 0;
  std::uint64_t plain_bytes = 0;  // of all files of its units
  std::uint64_t compile_ms = 0;   // sum over its units
  friend bool operator==(const LayerRecord&, const LayerRecord&) = default;
};

// A unit known by its key. The same key may have several outputs, and the same
// output may have been made under several sets of values.
struct UnitEntry {
  UnitRef ref;
  Digest record;                      // blob of the UnitRecord
  std::vector<Predicate> predicates;  // normalised
  std::string principal;
  std::int64_t created = 0;
  friend bool operator==(const UnitEntry&, const UnitEntry&) = default;
};

// Sources of a package, by the checksum Cargo.lock names.
struct PackageEntry {
  PartDigest checksum;  // the bytes of the lock's SHA-256
  Digest record;        // blob of the PackageRecord
  friend bool operator==(const PackageEntry&, const PackageEntry&) = default;
};

// Limits of what a record may hold, besides those of limits.h.
inline constexpr std::uint32_t kMaxIndexBlobs = 1024;  // blobs of one LayerIndex
inline constexpr std::uint32_t kMaxTraceParts = 65'536;
inline constexpr std::uint32_t kMaxUnitReports = 64;  // of one ReportedUnit

// What one principal holds against a unit.
struct UnitReport {
  std::string principal;
  ReportReason reason = ReportReason::kStale;
  std::string text;          // for people
  std::int64_t created = 0;  // seconds since 1970
  friend bool operator==(const UnitReport&, const UnitReport&) = default;
};

// Written to stores: never renumber.
enum class ReportState : std::uint8_t {
  kOpen = 1,       // not confirmed
  kSuspended = 2,  // confirmed: the unit is not served
  kAnswered = 3,   // it was committed again since
};

// All that was reported of a unit in a scope.
struct ReportedUnit {
  ScopeKey scope;
  UnitRef unit;
  ReportState state = ReportState::kOpen;
  std::int64_t answered = 0;         // when it was; 0: never
  std::vector<UnitReport> reports;   // one per principal, oldest first
  friend bool operator==(const ReportedUnit&, const ReportedUnit&) = default;
};

// Written all together or not at all.
struct CommitBatch {
  ScopeKey scope;
  std::vector<BlobHash> refs;  // blobs this scope may read from now on
  std::vector<UnitEntry> units;
  std::vector<PackageEntry> packages;
  std::optional<LayerRecord> layer;
};

// Errors: INVALID_ARGUMENT if an entry is above a limit: it could be written,
// and never be read again. Every Catalog::Commit calls it first.
absl::Status CheckLimits(const CommitBatch& batch);
// The same of every Catalog::PutReported.
absl::Status CheckLimits(const ReportedUnit& reported);

// Entries of all scopes.
struct CatalogCounts {
  std::uint64_t layers = 0;  // variants of recipes
  std::uint64_t units = 0;   // outputs of unit keys, under each set of values
  friend bool operator==(const CatalogCounts&, const CatalogCounts&) = default;
};

// Thread-safe. Errors of every method, besides those listed: UNAVAILABLE.
//
// "Oldest first" is by `created`; equal times go by variant or output.
class Catalog {
 public:
  virtual ~Catalog() = default;

  // Makes durable every BlobStore::Write that returned before this call, then
  // the batch. When it returns OK, a crash loses none of it. An entry takes the
  // place of the one with the same scope and identity (recipe and variant; unit
  // key, output and predicates; checksum); of equal ones in a batch the last.
  // Errors: INVALID_ARGUMENT (CheckLimits); RESOURCE_EXHAUSTED (disk full;
  // nothing of it is visible).
  virtual absl::Status Commit(const CommitBatch& batch) = 0;

  // The variants of a recipe, oldest first; empty if there is none.
  virtual absl::StatusOr<std::vector<LayerRecord>> FindLayers(const ScopeKey& scope,
                                                              const RecipeHash& recipe) = 0;

  // For each key its entries, oldest first.
  virtual absl::StatusOr<std::vector<std::vector<UnitEntry>>> FindUnits(
      const ScopeKey& scope, std::span<const UnitKey> keys) = 0;

  virtual absl::StatusOr<std::vector<std::optional<PackageEntry>>> FindPackages(
      const ScopeKey& scope, std::span<const PartDigest> checksums) = 0;

  // Which of `hashes` the scope may read. The ref of a blob that is in no
  // generation and no view any more may go.
  virtual absl::StatusOr<std::vector<bool>> FindRefs(const ScopeKey& scope,
                                                     std::span<const BlobHash> hashes) = 0;

  // OK also when there was none. A crash does not bring it back. A unit goes
  // under every set of values.
  // Errors: RESOURCE_EXHAUSTED (disk full).
  virtual absl::Status EraseLayer(const ScopeKey& scope, const RecipeHash& recipe,
                                  const PartDigest& variant) = 0;
  virtual absl::Status EraseUnit(const ScopeKey& scope, const UnitRef& unit) = 0;

  // Takes the place of what was said of this unit before. A crash after it
  // loses nothing.
  // Errors: INVALID_ARGUMENT (CheckLimits); RESOURCE_EXHAUSTED (disk full).
  virtual absl::Status PutReported(const ReportedUnit& reported) = 0;
  // OK also when there was nothing. A crash does not bring it back.
  virtual absl::Status EraseReported(const ScopeKey& scope, const UnitRef& unit) = 0;
  // Of all scopes, in the order of scope, key and output; `visit` returns false
  // to stop and is called without a lock.
  virtual absl::Status ScanReported(const std::function<bool(const ReportedUnit&)>& visit) = 0;

  // Layers of a scope in the order of their recipe hashes, starting after all
  // variants of `after`; `visit` returns false to stop and is called without a
  // lock.
  virtual absl::Status ScanLayers(const ScopeKey& scope, const std::optional<RecipeHash>& after,
                                  const std::function<bool(const LayerRecord&)>& visit) = 0;

  // Walks over all entries: not for every call.
  virtual absl::StatusOr<CatalogCounts> Count() = 0;
};

}  // namespace depcache
