#include "cache/store/rocksdb/generations.h"

#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;

class GenerationsTest : public PartsFixture {
 protected:
  std::vector<std::uint32_t> Numbers() {
    std::vector<std::uint32_t> numbers;
    for (const auto& generation : generations().All()) numbers.push_back(generation->number());
    return numbers;
  }
};

TEST_F(GenerationsTest, FirstIsNumberOne) { EXPECT_THAT(Numbers(), ElementsAre(1)); }

TEST_F(GenerationsTest, AreTheSameAfterReopening) {
  for (int i = 0; i < 3; ++i) ASSERT_THAT(generations().Rotate(), IsOk());
  ASSERT_THAT(generations().DropOldest(), IsOk());
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(Numbers(), ElementsAre(2, 3, 4));
  EXPECT_EQ(generations().Newest()->number(), 4u);
  EXPECT_EQ(generations().Find(1), nullptr);
  ASSERT_NE(generations().Find(3), nullptr);
  EXPECT_EQ(generations().Find(3)->number(), 3u);
}

TEST_F(GenerationsTest, DroppedOneIsInUseWhileItIsHeld) {
  std::shared_ptr<Generation> held = generations().Newest();
  ASSERT_THAT(generations().Rotate(), IsOk());
  EXPECT_TRUE(generations().IsInUse(1));
  ASSERT_THAT(generations().DropOldest(), IsOk());
  EXPECT_EQ(generations().Find(1), nullptr);
  EXPECT_TRUE(generations().IsInUse(1));
  EXPECT_FALSE(generations().TakeEnded());
  held.reset();
  EXPECT_FALSE(generations().IsInUse(1));
  EXPECT_TRUE(generations().TakeEnded());
  EXPECT_FALSE(generations().TakeEnded()) << "told before";
  EXPECT_FALSE(generations().IsInUse(99));
}

TEST_F(GenerationsTest, SpaceComesBackWithTheLastReference) {
  std::vector<TestBlob> written;
  for (std::uint64_t i = 0; i < 8; ++i) written.push_back(MakeRandomBlob(1 << 20, i));
  ASSERT_THAT(WriteAndCommit(written), IsOk());
  const auto tables = [&] {
    std::uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder())) {
      if (file.path().extension() == ".sst") bytes += file.file_size();
    }
    return bytes;
  };
  std::shared_ptr<BlobView> view = blobs().OpenView();
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  parts().upkeep.Wait();
  EXPECT_GE(tables(), 8u << 20);
  view.reset();
  // The files go on a thread of RocksDB; closing waits for it.
  Close();
  EXPECT_LT(tables(), 1u << 20);
}

}  // namespace
}  // namespace depcache::testing
