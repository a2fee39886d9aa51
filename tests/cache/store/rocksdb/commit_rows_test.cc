#include "cache/store/rocksdb/commit_rows.h"

#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

class CommitRowsTest : public PartsFixture {
 protected:
  static CommitBatch BatchOfAll() {
    CommitBatch batch;
    batch.scope = ScopeKeyOf("team", "main");
    batch.refs = {MakeBlob("a").hash(), MakeBlob("b").hash()};
    batch.units.resize(1);
    batch.packages.resize(1);
    batch.layer = LayerRecord{};
    return batch;
  }
};

TEST_F(CommitRowsTest, EmptyCommitMakesNoRows) {
  CommitRows rows(database());
  const CommitBatch batch;
  ASSERT_THAT(rows.Add(batch), IsOk());
  EXPECT_TRUE(rows.empty());
}

TEST_F(CommitRowsTest, RefsThatAreThereAreLeftOut) {
  const CommitBatch batch = BatchOfAll();
  CommitRows first(database());
  ASSERT_THAT(first.Add(batch), IsOk());
  EXPECT_EQ(first.batch().Count(), 5);
  ASSERT_THAT(database().Write(first.batch(), Database::Durability::kNow), IsOk());
  CommitRows second(database());
  ASSERT_THAT(second.Add(batch), IsOk());
  EXPECT_EQ(second.batch().Count(), 3) << "unit, package and layer";
}

TEST_F(CommitRowsTest, LastOfARoundStands) {
  CommitBatch one = BatchOfAll(), two = BatchOfAll();
  one.layer->principal = "one";
  two.layer->principal = "two";
  CommitRows rows(database());
  ASSERT_THAT(rows.Add(one), IsOk());
  ASSERT_THAT(rows.Add(two), IsOk());
  ASSERT_THAT(database().Write(rows.batch(), Database::Durability::kNow), IsOk());
  const auto layers = catalog().FindLayers(one.scope, one.layer->recipe);
  ASSERT_THAT(layers, IsOk());
  ASSERT_EQ(layers->size(), 1u);
  EXPECT_EQ(layers->front().principal, "two");
}

}  // namespace
}  // namespace depcache::testing
