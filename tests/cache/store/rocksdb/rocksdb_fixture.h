// A store in a folder of its own, which can be closed and opened again.

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "cache/base/check.h"
#include "cache/base/files.h"
#include "cache/store/rocksdb/rocksdb_store.h"
#include "tests/conformance/test_blobs.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {

inline ScopedTempDir MakeTempFolder() {
  auto folder = ScopedTempDir::Make(::testing::TempDir(), "depcache-store-");
  DEPCACHE_CHECK(folder.ok());
  return *std::move(folder);
}

// Small buffers, and no rule on free space: what tests want unless they say so.
inline RocksDbOptions SmallOptions(const std::filesystem::path& folder) {
  RocksDbOptions options;
  options.folder = folder;
  options.block_cache_bytes = 8 << 20;
  options.write_buffer_bytes = 4 << 20;
  options.min_free_bytes = 0;
  return options;
}

class RocksDbFixture : public ::testing::Test {
 protected:
  const std::filesystem::path& folder() const { return folder_.path(); }
  RocksDbOptions& options() { return options_; }

  absl::Status Open() {
    Close();
    auto opened = OpenRocksDbStore(options_);
    if (!opened.ok()) return opened.status();
    store_ = *std::move(opened);
    return absl::OkStatus();
  }
  void Close() { store_ = OpenedStore{}; }

  BlobStore& blobs() { return *store_.blobs; }
  Catalog& catalog() { return *store_.catalog; }

  absl::Status Write(const std::vector<TestBlob>& written) {
    std::vector<NewBlob> batch;
    for (const TestBlob& blob : written) batch.push_back(blob.AsNew());
    return blobs().Write(batch);
  }
  absl::Status Commit() { return catalog().Commit(CommitBatch{}); }
  absl::StatusOr<std::string> Read(const BlobHash& hash) {
    return ReadPlain(*blobs().OpenView(), {hash}).at(0);
  }
  bool Finds(const BlobHash& hash) {
    const auto states = blobs().Find({&hash, 1});
    EXPECT_THAT(states, IsOk());
    return states.ok() && states->front().has_value();
  }

 private:
  ScopedTempDir folder_ = MakeTempFolder();
  RocksDbOptions options_ = SmallOptions(folder_.path());
  OpenedStore store_;
};

}  // namespace depcache::testing
