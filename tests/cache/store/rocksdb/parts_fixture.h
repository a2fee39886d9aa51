// The parts of a store in a folder of its own, for tests that look behind the
// interfaces.

#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cache/store/rocksdb/keys.h"
#include "cache/store/rocksdb/rocksdb_blob_store.h"
#include "cache/store/rocksdb/rocksdb_catalog.h"
#include "cache/store/rocksdb/rows.h"
#include "cache/store/rocksdb/store_parts.h"
#include "tests/cache/store/rocksdb/rocksdb_fixture.h"

namespace depcache::testing {

class PartsFixture : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_THAT(Open(), IsOk()); }

  const std::filesystem::path& folder() const { return folder_.path(); }
  RocksDbOptions& options() { return options_; }

  absl::Status Open() {
    Close();
    auto opened = OpenStoreParts(options_);
    if (!opened.ok()) return opened.status();
    parts_ = *std::move(opened);
    blobs_ = MakeRocksDbBlobStore(parts_);
    catalog_ = MakeRocksDbCatalog(parts_);
    return absl::OkStatus();
  }
  void Close() {
    blobs_.reset();
    catalog_.reset();
    parts_.reset();
  }

  StoreParts& parts() { return *parts_; }
  Database& database() { return *parts_->database; }
  Generations& generations() { return *parts_->generations; }
  BlobStore& blobs() { return *blobs_; }
  Catalog& catalog() { return *catalog_; }

  absl::Status Write(const std::vector<TestBlob>& written) {
    std::vector<NewBlob> batch;
    for (const TestBlob& blob : written) batch.push_back(blob.AsNew());
    return blobs().Write(batch);
  }
  absl::Status Commit() { return catalog().Commit(CommitBatch{}); }
  absl::Status WriteAndCommit(const std::vector<TestBlob>& written) {
    const absl::Status wrote = Write(written);
    return wrote.ok() ? Commit() : wrote;
  }
  absl::StatusOr<std::string> Read(const BlobHash& hash) {
    return ReadPlain(*blobs().OpenView(), {hash}).at(0);
  }

  // All keys of a family, as they are stored.
  std::set<std::string> Keys(Family family) {
    std::set<std::string> keys;
    EXPECT_THAT(ScanFrom(database(), family, "",
                         [&](std::string_view key, std::string_view) {
                           keys.emplace(key);
                           return true;
                         }),
                IsOk());
    return keys;
  }
  bool HasRow(const BlobHash& hash) {
    return Keys(Family::kBlobIndex).contains(std::string(hash.AsBytes()));
  }
  int FilesOf(const Generation& generation) {
    std::string count;
    database().db().GetProperty(generation.handle(), "rocksdb.num-files-at-level0", &count);
    return std::stoi(count);
  }
  // Puts bytes where a payload is expected.
  absl::Status PutRaw(const Generation& generation, std::string_view key, std::string_view value) {
    rocksdb::WriteOptions no_log;
    no_log.disableWAL = true;
    return FromRocksDb(
        database().db().Put(no_log, generation.handle(), ToSlice(key), ToSlice(value)), "put");
  }

 private:
  ScopedTempDir folder_ = MakeTempFolder();
  RocksDbOptions options_ = SmallOptions(folder_.path());
  std::shared_ptr<StoreParts> parts_;
  std::shared_ptr<BlobStore> blobs_;
  std::shared_ptr<Catalog> catalog_;
};

}  // namespace depcache::testing
