#include "cache/store/rocksdb/rows.h"

#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;

class RowsTest : public PartsFixture {
 protected:
  void Put(Family family, std::string_view key, std::string_view value) {
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(batch.Put(database().family(family), ToSlice(key), ToSlice(value)).ok());
    ASSERT_THAT(database().Write(batch, Database::Durability::kLater), IsOk());
  }
};

TEST_F(RowsTest, GetRowsFindsEachOfManyByPosition) {
  std::vector<std::string> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back("key " + std::to_string(i));
  for (int i = 0; i < 1000; i += 7) {
    Put(Family::kBlobRef, keys[static_cast<std::size_t>(i)], std::to_string(i));
  }
  const std::vector<std::string_view> asked(keys.begin(), keys.end());
  std::size_t count = 0;
  ASSERT_THAT(GetRows(database(), Family::kBlobRef, asked,
                      [&](std::size_t i, std::string_view value) {
                        EXPECT_EQ(value, std::to_string(i));
                        ++count;
                      }),
              IsOk());
  EXPECT_EQ(count, 143u);
}

TEST_F(RowsTest, ScanPrefixesGivesRowsOfEachPrefixOnly) {
  const std::string a(kEntryPrefixBytes, 'a'), b(kEntryPrefixBytes, 'b'), c(kEntryPrefixBytes, 'c');
  for (const std::string& key : {a + "1", a + "2", c + "1"}) Put(Family::kUnit, key, "v" + key);
  // Once from memory, once through the filters of a file.
  for (int pass = 0; pass < 2; ++pass) {
    std::vector<std::pair<std::size_t, std::string>> found;
    const std::vector<std::string> prefixes = {c, b, a};
    ASSERT_THAT(ScanPrefixes(database(), Family::kUnit, prefixes,
                             [&](std::size_t i, std::string_view key, std::string_view value) {
                               EXPECT_EQ(value, "v" + std::string(key));
                               found.emplace_back(i, key);
                             }),
                IsOk());
    EXPECT_THAT(found,
                ElementsAre(std::pair(0, c + "1"), std::pair(2, a + "1"), std::pair(2, a + "2")));
    ASSERT_THAT(database().FlushRows(), IsOk());
  }
}

TEST_F(RowsTest, ScanFromGoesInOrderFromTheStartUntilTold) {
  for (const char* key : {"d", "b", "a", "c"}) Put(Family::kLayer, key, "");
  std::vector<std::string> seen;
  ASSERT_THAT(ScanFrom(database(), Family::kLayer, "b",
                       [&](std::string_view key, std::string_view) {
                         seen.emplace_back(key);
                         return seen.size() < 2;
                       }),
              IsOk());
  EXPECT_THAT(seen, ElementsAre("b", "c"));
}

}  // namespace
}  // namespace depcache::testing
