// Commits of LayerCache: units, package sources, layers.

#include <algorithm>
#include <utility>

#include "cache/base/compress.h"
#include "cache/base/log.h"
#include "cache/base/status.h"
#include "cache/engine/layer_cache.h"
#include "cache/engine/layer_contents.h"
#include "cache/layer/limits.h"
#include "cache/layer/unit_key.h"

namespace depcache {
namespace {

std::vector<BlobHash> HashesOf(std::span<const Digest> digests) {
  std::vector<BlobHash> hashes;
  hashes.reserve(digests.size());
  for (const Digest& digest : digests) hashes.push_back(digest.hash);
  return hashes;
}

absl::Status RefuseWrite(const CallScope& scope) {
  return PermissionDenied("{} may not write scope '{}'", scope.principal, scope.names[0]);
}

// An entry of a commit with every blob it needs.
struct Candidate {
  std::vector<Digest> blobs;  // the record first
  std::optional<UnitEntry> unit;
  std::optional<PackageEntry> package;
  std::string time_name;  // TimeNameOf
  std::uint32_t compile_ms = 0;
};

absl::StatusOr<Candidate> UnitCandidate(const UnitCommit& commit, std::string_view bytes) {
  DEPCACHE_ASSIGN_OR_RETURN(const UnitRecord record, DecodeUnitRecord(bytes));
  if (record.key != commit.ref.key || OutputOf(record) != commit.ref.output) {
    return InvalidArgument("the record of {} {} is not the unit it is committed as",
                           record.package.name, record.package.version);
  }
  Candidate candidate;
  candidate.blobs.push_back(commit.record);
  const std::vector<Digest> files = BlobsOf(record);
  candidate.blobs.insert(candidate.blobs.end(), files.begin(), files.end());
  candidate.unit = UnitEntry{commit.ref, commit.record, record.predicates, "", 0};
  candidate.time_name = TimeNameOf(record.place);
  candidate.compile_ms = record.compile_ms;
  return candidate;
}

absl::StatusOr<Candidate> PackageCandidate(const Digest& digest, std::string_view bytes) {
  DEPCACHE_ASSIGN_OR_RETURN(const PackageRecord record, DecodePackageRecord(bytes));
  DEPCACHE_ASSIGN_OR_RETURN(const PartDigest checksum, PartDigest::FromHex(record.package.checksum));
  Candidate candidate;
  candidate.blobs.push_back(digest);
  candidate.blobs.insert(candidate.blobs.end(), record.crate.begin(), record.crate.end());
  candidate.package = PackageEntry{checksum, digest};
  return candidate;
}

}  // namespace

absl::StatusOr<CommitUnitsResult> LayerCache::CommitUnits(const CallScope& scope,
                                                          std::span<const UnitCommit> units,
                                                          std::span<const Digest> packages) {
  if (!scope.can_write) return RefuseWrite(scope);
  std::vector<Digest> records;
  for (const UnitCommit& unit : units) records.push_back(unit.record);
  records.insert(records.end(), packages.begin(), packages.end());

  CommitUnitsResult result;
  // A record the scope does not have is missing, whatever the store holds.
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<bool> has_record,
                            HasBlobs(scope, HashesOf(records)));
  const std::shared_ptr<BlobView> view = store_.blobs->OpenView();
  CommitBatch batch;
  batch.scope = scope.keys[0];
  for (std::size_t i = 0; i < records.size(); ++i) {
    PlainBlobs plain;
    if (has_record[i]) plain = ReadPlain(*view, std::span(&records[i], 1));
    if (!has_record[i] || !plain.missing.empty()) {
      result.missing.push_back(records[i]);
      continue;
    }
    DEPCACHE_ASSIGN_OR_RETURN(Candidate candidate,
                              i < units.size() ? UnitCandidate(units[i], plain.bytes[0])
                                               : PackageCandidate(records[i], plain.bytes[0]));
    const std::vector<BlobHash> hashes = HashesOf(candidate.blobs);
    DEPCACHE_ASSIGN_OR_RETURN(const std::vector<bool> has, HasBlobs(scope, hashes));
    const std::size_t missing_before = result.missing.size();
    for (std::size_t k = 0; k < has.size(); ++k) {
      if (!has[k]) result.missing.push_back(candidate.blobs[k]);
    }
    if (result.missing.size() > missing_before) continue;
    batch.refs.insert(batch.refs.end(), hashes.begin(), hashes.end());
    if (candidate.unit) {
      candidate.unit->principal = scope.principal;
      candidate.unit->created = UnixSeconds(clock_.Now());
      batch.units.push_back(*std::move(candidate.unit));
      compile_times_.Note(scope.keys[0], candidate.time_name, candidate.compile_ms);
    } else {
      batch.packages.push_back(*candidate.package);
    }
    ++result.recorded;
  }
  if (result.recorded > 0) {
    DEPCACHE_RETURN_IF_ERROR(AnswerReports(batch));
    DEPCACHE_RETURN_IF_ERROR(LeaveOutKnown(scope, batch));
    DEPCACHE_RETURN_IF_ERROR(store_.catalog->Commit(batch));
  }
  return result;
}

absl::StatusOr<std::vector<TracePart>> LayerCache::StoreTrace(std::span<const NamedValue> parts) {
  std::vector<TracePart> trace;
  std::vector<std::string> frames;
  frames.reserve(parts.size());
  std::vector<NewBlob> blobs;
  for (const NamedValue& part : parts) {
    TracePart entry{part.name, HashAs<PartDigest>(part.value), Digest{}};
    // A value larger than a blob is known by its digest only.
    if (part.value.size() <= kMaxBlobBytes) {
      entry.value = DigestOf(part.value);
      frames.push_back(CompressFrame(part.value));
      blobs.push_back(NewBlob{entry.value, frames.back()});
    }
    trace.push_back(std::move(entry));
  }
  std::sort(trace.begin(), trace.end(),
            [](const TracePart& a, const TracePart& b) { return a.name < b.name; });
  DEPCACHE_RETURN_IF_ERROR(store_.blobs->Write(blobs));
  return trace;
}

absl::StatusOr<CommitLayerResult> LayerCache::CommitLayer(const CallScope& scope,
                                                          const RecipeHash& recipe,
                                                          std::span<const NamedValue> parts,
                                                          std::span<const Digest> index) {
  if (!scope.can_write) return RefuseWrite(scope);
  CommitLayerResult result;
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<bool> has_index, HasBlobs(scope, HashesOf(index)));
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (!has_index[i]) result.missing.push_back(index[i]);
  }
  if (!result.missing.empty()) return result;

  const std::shared_ptr<BlobView> view = store_.blobs->OpenView();
  DEPCACHE_ASSIGN_OR_RETURN(LayerContents contents, LoadLayer(*view, index));
  result.missing = std::move(contents.missing);
  if (!result.missing.empty()) return result;
  const BlobSet all = contents.AllBlobs(index);
  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<bool> has, HasBlobs(scope, all));
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!has[i]) result.missing.push_back(Digest{all[i], 0});
  }
  if (!result.missing.empty()) return result;

  LayerRecord layer;
  layer.recipe = recipe;
  layer.predicates = std::move(contents.predicates);
  layer.variant = VariantOf(layer.predicates);
  layer.index.assign(index.begin(), index.end());
  layer.principal = scope.principal;
  layer.created = UnixSeconds(clock_.Now());
  layer.unit_count = static_cast<std::uint32_t>(contents.units.size());
  layer.plain_bytes = contents.plain_bytes;
  layer.compile_ms = contents.compile_ms;

  DEPCACHE_ASSIGN_OR_RETURN(const std::vector<LayerRecord> known,
                            store_.catalog->FindLayers(scope.keys[0], recipe));
  for (const LayerRecord& other : known) {
    if (other.variant != layer.variant) continue;
    // One that leaves less to the compiler takes the place of one that left more.
    if (other.unit_count < layer.unit_count) continue;
    DEPCACHE_ASSIGN_OR_RETURN(const auto whole, WholeLayer(scope.keys[0], other, *view));
    if (whole == nullptr) continue;
    DEPCACHE_ASSIGN_OR_RETURN(const bool is_suspended,
                              NamesSuspended(scope.keys[0], other, *view));
    result.existed = !is_suspended;
  }
  if (result.existed) return result;
  DEPCACHE_ASSIGN_OR_RETURN(layer.trace, StoreTrace(parts));

  CommitBatch batch;
  batch.scope = scope.keys[0];
  batch.refs = all;
  for (const TracePart& part : layer.trace) {
    if (part.value.hash != BlobHash()) batch.refs.push_back(part.value.hash);
  }
  batch.layer = std::move(layer);
  DEPCACHE_RETURN_IF_ERROR(store_.catalog->Commit(batch));
  Log(LogLevel::kInfo, "committed layer {} in scope {}: {} units by {}", recipe.ToShortHex(),
      scope.names[0], contents.units.size(), scope.principal);
  return result;
}

}  // namespace depcache
