#include "cache/store/rocksdb/database.h"

#include <chrono>
#include <fstream>
#include <thread>

#include "cache/base/status.h"
#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::HasSubstr;

class DatabaseTest : public PartsFixture {
 protected:
  std::string OpenError() {
    const absl::Status status = Open();
    return std::string(MessageOf(status));
  }
  void PutSchema(std::string_view value) {
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(
        batch.Put(database().family(Family::kState), ToSlice(kSchemaKey), ToSlice(value)).ok());
    ASSERT_THAT(database().Write(batch, Database::Durability::kNow), IsOk());
  }
};

TEST_F(DatabaseTest, StatusCodesSayWhatACallerCanDo) {
  EXPECT_THAT(FromRocksDb(rocksdb::Status::OK(), "x"), IsOk());
  EXPECT_THAT(FromRocksDb(rocksdb::Status::NoSpace("disk"), "x"),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(FromRocksDb(rocksdb::Status::Corruption("block"), "x"),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(FromRocksDb(rocksdb::Status::IOError("read"), "x"),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(MessageOf(FromRocksDb(rocksdb::Status::IOError("read"), "write rows")),
            "cannot write rows: IO error: read");
}

TEST_F(DatabaseTest, SecondOpenIsRefusedAndNamesTheFolder) {
  const auto second = OpenRocksDbStore(options());
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(MessageOf(second.status())), HasSubstr(folder().native()));
}

TEST_F(DatabaseTest, UnknownSchemaVersionIsRefusedAndNamesBoth) {
  PutSchema(EncodeSchemaVersion(kSchemaVersion + 1));
  EXPECT_EQ(OpenError(), fmt::format("store {} has schema version 2, this program knows version 1",
                                     folder().native()));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(DatabaseTest, DamagedSchemaVersionIsRefused) {
  PutSchema("?");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(DatabaseTest, UnknownColumnFamilyIsRefused) {
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  ASSERT_TRUE(database().db().CreateColumnFamily({}, "outbox", &handle).ok());
  ASSERT_TRUE(database().db().DestroyColumnFamilyHandle(handle).ok());
  EXPECT_THAT(OpenError(), HasSubstr("unknown column family 'outbox'"));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(DatabaseTest, TablesWithoutCurrentAreNotTakenForAnEmptyStore) {
  ASSERT_THAT(WriteAndCommit({MakeBlob("x")}), IsOk());
  Close();
  ASSERT_TRUE(std::filesystem::remove(folder() / "CURRENT"));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(OpenError(), HasSubstr(folder().native()));
}

// What a crash in the first moments leaves.
TEST_F(DatabaseTest, UnfinishedCreationIsFinished) {
  rocksdb::WriteBatch batch;
  ASSERT_TRUE(batch.Delete(database().family(Family::kState), ToSlice(kSchemaKey)).ok());
  ASSERT_THAT(database().Write(batch, Database::Durability::kNow), IsOk());
  ASSERT_THAT(database().DropGeneration(generations().Newest()->handle()), IsOk());
  ASSERT_THAT(Open(), IsOk());
  const TestBlob blob = MakeBlob("x");
  ASSERT_THAT(WriteAndCommit({blob}), IsOk());
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
}

TEST_F(DatabaseTest, OtherFilesInTheFolderDoNotMatter) {
  Close();
  std::ofstream(folder() / "README") << "hands off";
  std::filesystem::create_directory(folder() / "lost+found");
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(DatabaseTest, FolderIsCreatedWithWhatIsAboveIt) {
  options().folder = folder() / "a" / "b c";
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(DatabaseTest, FolderThatIsAFileIsAnError) {
  std::ofstream(folder() / "file") << "x";
  options().folder = folder() / "file";
  EXPECT_FALSE(Open().ok());
}

TEST_F(DatabaseTest, WritesAreRefusedBelowTheFreeSpaceToKeepAndReadsGoOn) {
  const TestBlob blob = MakeBlob("x");
  ASSERT_THAT(WriteAndCommit({blob}), IsOk());
  options().min_free_bytes = ~std::uint64_t{0};
  ASSERT_THAT(Open(), StatusIs(absl::StatusCode::kOk)) << "an existing store opens";
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
  EXPECT_THAT(Write({MakeBlob("y")}), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(blobs().CopyForward({&blob.hash(), 1}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Commit(), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(blobs().Rotate(), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(DatabaseTest, DropGoesOnBelowTheFreeSpaceToKeep) {
  ASSERT_THAT(blobs().Rotate(), IsOk());
  options().min_free_bytes = ~std::uint64_t{0};
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(blobs().DropOldest(), IsOk());
}

// What a restart would have to replay.
TEST_F(DatabaseTest, LogStaysShort) {
  const auto log_bytes = [&] {
    std::uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder())) {
      if (file.path().extension() == ".log") bytes += file.file_size();
    }
    return bytes;
  };
  const std::string value(1 << 20, 'v');
  for (int i = 0; i < 12; ++i) {
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(batch.Put(database().family(Family::kLayer), std::to_string(i), value).ok());
    ASSERT_THAT(database().Write(batch, Database::Durability::kLater), IsOk());
    // A log is deleted a moment after its rows are in tables.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (log_bytes() > 6u << 20 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    ASSERT_LE(log_bytes(), 6u << 20) << "after write " << i;
  }
}

// Else RocksDB goes on with a log that it could not write to, and asserts.
TEST_F(DatabaseTest, SomethingWaitsForAFlushAtEveryWrite) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(WriteAndCommit({MakeBlob(std::to_string(i))}), IsOk());
    std::uint64_t entries = 0;
    database().db().GetIntProperty(database().family(Family::kState),
                                   rocksdb::DB::Properties::kNumEntriesActiveMemTable, &entries);
    EXPECT_GT(entries, 0u);
    ASSERT_THAT(parts().lane.FlushRows(), IsOk());
  }
}

}  // namespace
}  // namespace depcache::testing
