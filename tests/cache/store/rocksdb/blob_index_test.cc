#include "cache/store/rocksdb/blob_index.h"

#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

class BlobIndexTest : public PartsFixture {
 protected:
  std::optional<BlobRow> Lookup(const BlobHash& hash) {
    const auto rows = parts().index.Lookup({&hash, 1});
    EXPECT_THAT(rows, IsOk());
    return rows.ok() ? rows->at(0) : std::nullopt;
  }
  void PutRow(const BlobHash& hash, std::string_view value) {
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(
        batch.Put(database().family(Family::kBlobIndex), ToSlice(hash.AsBytes()), ToSlice(value))
            .ok());
    ASSERT_THAT(database().Write(batch, Database::Durability::kLater), IsOk());
  }

  const BlobHash a_ = MakeBlob("a").hash();
  const BlobHash b_ = MakeBlob("b").hash();
};

TEST_F(BlobIndexTest, WaitingRowsAreFoundBeforeStoredOnes) {
  PutRow(a_, Encode(BlobRow{1, 2, 3}));
  EXPECT_THAT(Lookup(a_), Optional(BlobRow{1, 2, 3}));
  parts().index.Add(a_, BlobRow{5, 2, 3});
  EXPECT_THAT(Lookup(a_), Optional(BlobRow{5, 2, 3}));
  EXPECT_EQ(Lookup(b_), std::nullopt);
}

TEST_F(BlobIndexTest, DamagedRowIsMissing) {
  PutRow(a_, "\x02 another version");
  EXPECT_EQ(Lookup(a_), std::nullopt);
}

TEST_F(BlobIndexTest, SettlingEndsTheWaitOnlyOfWhatWasWritten) {
  parts().index.Add(a_, BlobRow{1, 2, 3});
  parts().index.Add(b_, BlobRow{1, 2, 3});
  const auto written = parts().index.Waiting();
  EXPECT_EQ(written.size(), 2u);
  parts().index.Add(b_, BlobRow{2, 2, 3});  // meanwhile
  parts().index.Settle(written);
  EXPECT_EQ(Lookup(a_), std::nullopt);
  EXPECT_THAT(Lookup(b_), Optional(BlobRow{2, 2, 3}));
  EXPECT_EQ(parts().index.waiting_count(), 1u);
}

TEST_F(BlobIndexTest, WaitingRowsOfAGenerationCanBeDropped) {
  parts().index.Add(a_, BlobRow{1, 2, 3});
  parts().index.Add(b_, BlobRow{2, 2, 3});
  parts().index.DropWaiting(1);
  EXPECT_EQ(Lookup(a_), std::nullopt);
  parts().index.DropWaiting(b_, 1);
  EXPECT_THAT(Lookup(b_), Optional(BlobRow{2, 2, 3}));
  parts().index.DropWaiting(b_, 2);
  EXPECT_EQ(Lookup(b_), std::nullopt);
}

// What the whole design of the index is for.
TEST_F(BlobIndexTest, RowIsNotStoredBeforeItsPayloadIsFlushed) {
  ASSERT_THAT(Write({MakeBlob("a")}), IsOk());
  EXPECT_FALSE(HasRow(a_));
  EXPECT_EQ(FilesOf(*generations().Newest()), 0);
  ASSERT_THAT(Commit(), IsOk());
  EXPECT_TRUE(HasRow(a_));
  EXPECT_EQ(FilesOf(*generations().Newest()), 1);
  EXPECT_EQ(parts().index.waiting_count(), 0u);
}

}  // namespace
}  // namespace depcache::testing
