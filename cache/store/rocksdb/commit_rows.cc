#include "cache/store/rocksdb/commit_rows.h"

#include <vector>

#include "cache/base/status.h"
#include "cache/store/rocksdb/rows.h"

namespace depcache {

absl::Status CommitRows::Add(const BlobHash& hash, const BlobRow& row) {
  return Put(Family::kBlobIndex, hash.AsBytes(), Encode(row));
}

absl::Status CommitRows::Add(const CommitBatch& commit) {
  DEPCACHE_RETURN_IF_ERROR(AddRefs(commit));
  for (const UnitEntry& unit : commit.units) {
    DEPCACHE_RETURN_IF_ERROR(Put(Family::kUnit, UnitEntryKey(commit.scope, unit), Encode(unit)));
  }
  for (const PackageEntry& package : commit.packages) {
    DEPCACHE_RETURN_IF_ERROR(
        Put(Family::kPackage, PackageKey(commit.scope, package.checksum), Encode(package)));
  }
  if (!commit.layer) return absl::OkStatus();
  const std::string key = LayerKey(commit.scope, commit.layer->recipe, commit.layer->variant);
  return Put(Family::kLayer, key, Encode(*commit.layer));
}

// Most refs of a commit are of blobs that an earlier one named: looking costs
// less than writing them again and merging the copies away later.
absl::Status CommitRows::AddRefs(const CommitBatch& commit) {
  std::vector<std::string> keys;
  keys.reserve(commit.refs.size());
  for (const BlobHash& ref : commit.refs) keys.push_back(RefKey(commit.scope, ref));
  const std::vector<std::string_view> asked(keys.begin(), keys.end());
  std::vector<bool> is_there(keys.size());
  DEPCACHE_RETURN_IF_ERROR(
      GetRows(database_, Family::kBlobRef, asked,
              [&](std::size_t i, std::string_view /*value*/) { is_there[i] = true; }));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!is_there[i]) DEPCACHE_RETURN_IF_ERROR(Put(Family::kBlobRef, keys[i], ""));
  }
  return absl::OkStatus();
}

absl::Status CommitRows::Put(Family family, std::string_view key, std::string_view value) {
  return FromRocksDb(batch_.Put(database_.family(family), ToSlice(key), ToSlice(value)),
                     "write rows");
}

}  // namespace depcache
