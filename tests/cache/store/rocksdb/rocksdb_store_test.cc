// What only the RocksDB store promises: it survives.

#include "cache/store/rocksdb/rocksdb_store.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <span>

#include <rocksdb/sst_file_writer.h>

#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class RocksDbStoreTest : public PartsFixture {
 protected:
  const ScopeKey scope_ = ScopeKeyOf("team", "main");
};

TEST_F(RocksDbStoreTest, CommittedEntriesSurviveReopening) {
  const TestBlob blob = MakeRandomBlob(100'000, 1);
  CommitBatch batch;
  batch.scope = scope_;
  batch.refs = {blob.hash()};
  batch.layer = LayerRecord{};
  batch.layer->principal = "ci";
  batch.units.resize(1);
  batch.packages.resize(1);
  ReportedUnit reported;
  reported.scope = scope_;
  reported.state = ReportState::kSuspended;
  reported.reports.resize(1);
  ASSERT_THAT(Write({blob}), IsOk());
  ASSERT_THAT(catalog().Commit(batch), IsOk());
  ASSERT_THAT(catalog().PutReported(reported), IsOk());
  for (int pass = 0; pass < 2; ++pass) {
    ASSERT_THAT(Open(), IsOk());
    EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
    EXPECT_THAT(catalog().FindLayers(scope_, batch.layer->recipe),
                IsOkAndHolds(ElementsAre(*batch.layer)));
    EXPECT_THAT(catalog().FindUnits(scope_, {&batch.units[0].ref.key, 1}),
                IsOkAndHolds(ElementsAre(batch.units)));
    EXPECT_THAT(catalog().FindPackages(scope_, {&batch.packages[0].checksum, 1}),
                IsOkAndHolds(ElementsAre(batch.packages[0])));
    EXPECT_THAT(catalog().FindRefs(scope_, batch.refs), IsOkAndHolds(ElementsAre(true)));
    std::vector<ReportedUnit> found;
    EXPECT_THAT(catalog().ScanReported([&](const ReportedUnit& unit) {
                  found.push_back(unit);
                  return true;
                }),
                IsOk());
    EXPECT_THAT(found, ElementsAre(reported));
  }
}

TEST_F(RocksDbStoreTest, UncommittedBlobsDoNotComeBackHalf) {
  const TestBlob blob = MakeBlob("uncommitted");
  ASSERT_THAT(Write({blob}), IsOk());
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(Read(blob.hash()), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(WriteAndCommit({blob}), IsOk());
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
}

TEST_F(RocksDbStoreTest, ErasedEntriesStayErased) {
  CommitBatch batch;
  batch.scope = scope_;
  batch.layer = LayerRecord{};
  ASSERT_THAT(catalog().Commit(batch), IsOk());
  ASSERT_THAT(catalog().EraseLayer(scope_, batch.layer->recipe, batch.layer->variant), IsOk());
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(catalog().FindLayers(scope_, batch.layer->recipe), IsOkAndHolds(SizeIs(0)));
}

TEST_F(RocksDbStoreTest, DroppedBlobsStayDroppedAndSpaceIsFreed) {
  const TestBlob old = MakeRandomBlob(1 << 20, 1), young = MakeBlob("young");
  ASSERT_THAT(WriteAndCommit({old}), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(WriteAndCommit({young}), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(Read(old.hash()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Read(young.hash()), IsOkAndHolds(young.plain));
  EXPECT_THAT(blobs().Generations(), SizeIs(1));
  EXPECT_LT(blobs().Generations()[0].stored_bytes, 1u << 20);
}

TEST_F(RocksDbStoreTest, WriterMakesItsRowsDurableWhenTooManyWait) {
  std::vector<TestBlob> some;
  for (int i = 0; i < 70'000; ++i) {
    TestBlob blob;
    blob.frame = "frame";
    blob.digest = Digest{HashAs<BlobHash>(std::to_string(i)), 5};
    some.push_back(std::move(blob));
  }
  ASSERT_THAT(Write(some), IsOk());
  EXPECT_EQ(parts().index.waiting_count(), 0u);
}

// Bytes this process has read from files.
std::uint64_t BytesRead() {
  std::ifstream stats("/proc/self/io");
  std::string name;
  std::uint64_t value = 0;
  while (stats >> name >> value) {
    if (name == "rchar:") return value;
  }
  return 0;
}

class MillionRowsTest : public RocksDbStoreTest {
 protected:
  // The rows that a million blobs leave: nearly all in files, the rest in the
  // log.
  void Fill() {
    std::vector<BlobHash> hashes;
    for (int i = 0; i < 950'000; ++i) hashes.push_back(MakeName(i));
    std::sort(hashes.begin(), hashes.end());
    Ingest(Family::kBlobIndex, hashes, [](const BlobHash& hash) {
      return std::pair(std::string(hash.AsBytes()), Encode(BlobRow{1, 1000, 1000}));
    });
    Ingest(Family::kBlobRef, hashes,
           [&](const BlobHash& hash) { return std::pair(RefKey(scope_, hash), std::string()); });
    for (int i = 950'000; i < 1'000'000;) {
      rocksdb::WriteBatch batch;
      for (int k = 0; k < 1000; ++k, ++i) {
        const BlobHash hash = MakeName(i);
        ASSERT_TRUE(batch
                        .Put(database().family(Family::kBlobIndex), ToSlice(hash.AsBytes()),
                             Encode(BlobRow{1, 1000, 1000}))
                        .ok());
        ASSERT_TRUE(batch.Put(database().family(Family::kBlobRef), RefKey(scope_, hash), "").ok());
      }
      ASSERT_THAT(database().Write(batch, Database::Durability::kLater), IsOk());
    }
  }
  static BlobHash MakeName(int i) { return HashAs<BlobHash>(std::to_string(i)); }

  template <typename MakeRow>
  void Ingest(Family family, const std::vector<BlobHash>& sorted, const MakeRow& make_row) {
    const std::string path = folder() / "ingested.sst";
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(),
                                  database().db().GetOptions(database().family(family)));
    ASSERT_TRUE(writer.Open(path).ok());
    for (const BlobHash& hash : sorted) {
      const auto [key, value] = make_row(hash);
      ASSERT_TRUE(writer.Put(key, value).ok());
    }
    ASSERT_TRUE(writer.Finish().ok());
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    ASSERT_TRUE(
        database().db().IngestExternalFile(database().family(family), {path}, options).ok());
  }

  struct Cost {
    std::uint64_t bytes = 0;
    std::int64_t milliseconds = 0;
  };
  Cost Reopen() {
    Close();
    const std::uint64_t before = BytesRead();
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(Open(), IsOk());
    const auto end = std::chrono::steady_clock::now();
    return Cost{BytesRead() - before,
                std::chrono::duration_cast<std::chrono::milliseconds>(end - start).count()};
  }
};

// Of the rows themselves nothing is read at open: only the filters and indexes
// of their files, and a log of bounded length.
TEST_F(MillionRowsTest, OpeningDoesNotReadTheRows) {
  Fill();
  const Cost first = Reopen();  // with what is left in the log
  const Cost second = Reopen();
  std::uint64_t stored = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder())) {
    if (file.path().extension() == ".sst") stored += file.file_size();
  }
  std::printf("2 million rows, %.0f MB: opened in %lld and %lld ms, reading %.1f and %.1f MB\n",
              static_cast<double>(stored) / 1e6, static_cast<long long>(first.milliseconds),
              static_cast<long long>(second.milliseconds), static_cast<double>(first.bytes) / 1e6,
              static_cast<double>(second.bytes) / 1e6);
  EXPECT_GT(stored, 80u << 20);
  EXPECT_LT(first.bytes, stored / 4);
  EXPECT_LT(second.bytes, stored / 12);
  const BlobHash asked[] = {MakeName(999'999), MakeName(1'000'000)};
  const auto states = blobs().Find(asked);
  ASSERT_THAT(states, IsOk());
  EXPECT_TRUE(states->at(0).has_value());
  EXPECT_EQ(states->at(1), std::nullopt);
}

}  // namespace
}  // namespace depcache::testing
