#pragma once

#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <rocksdb/write_batch.h>

#include "cache/store/rocksdb/database.h"
#include "cache/store/rocksdb/keys.h"

namespace depcache {

// The rows of one round of commits, as one batch. Leaves out refs that are there
// already: right only while nobody else writes rows. Not thread-safe. Borrows
// the database.
class CommitRows {
 public:
  explicit CommitRows(const Database& database) : database_(database) {}

  // Errors of both: UNAVAILABLE.
  absl::Status Add(const BlobHash& hash, const BlobRow& row);
  absl::Status Add(const CommitBatch& commit);

  bool empty() const { return batch_.Count() == 0; }
  rocksdb::WriteBatch& batch() { return batch_; }

 private:
  absl::Status AddRefs(const CommitBatch& commit);
  absl::Status Put(Family family, std::string_view key, std::string_view value);

  const Database& database_;
  rocksdb::WriteBatch batch_;
};

}  // namespace depcache
