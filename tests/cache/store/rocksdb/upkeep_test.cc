#include "cache/store/rocksdb/upkeep.h"

#include <cstdio>

#include <fcntl.h>

#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

class UpkeepTest : public PartsFixture {
 protected:
  int Count(std::string_view extension) {
    int count = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder())) {
      count += file.path().extension() == extension ? 1 : 0;
    }
    return count;
  }
  static TestBlob Small(int i) { return MakeRandomBlob(3000, static_cast<std::uint64_t>(i)); }
};

TEST_F(UpkeepTest, ManySmallCommitsLeaveFewFiles) {
  int most = 0;
  for (int i = 0; i < 500; ++i) {
    ASSERT_THAT(WriteAndCommit({Small(i)}), IsOk());
    most = std::max(most, FilesOf(*generations().Newest()));
  }
  parts().upkeep.Wait();
  const int files = FilesOf(*generations().Newest());
  std::printf(
      "after 500 commits: %d files of payload (at most %d on the way), %d tables, %d logs\n", files,
      most, Count(".sst"), Count(".log"));
  EXPECT_LE(files, 24);
  EXPECT_LE(Count(".log"), 80);
  for (int i = 0; i < 500; i += 7) {
    EXPECT_THAT(Read(Small(i).hash()), IsOkAndHolds(Small(i).plain)) << i;
  }
}

TEST_F(UpkeepTest, FilesLeftByAnEarlierRunAreMerged) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_THAT(Write({Small(i)}), IsOk());
    ASSERT_THAT(parts().lane.Persist(), IsOk());  // nobody notices
  }
  EXPECT_EQ(FilesOf(*generations().Newest()), 20);
  ASSERT_THAT(Open(), IsOk());
  parts().upkeep.Notice();
  parts().upkeep.Wait();
  EXPECT_EQ(FilesOf(*generations().Newest()), 1);
}

// One flipped bit must cost one blob: not the others, and not the writes.
TEST_F(UpkeepTest, DamagedFileStopsItsMergeAndNothingElse) {
  for (int i = 0; i < 12; ++i) {
    ASSERT_THAT(Write({Small(i)}), IsOk());
    ASSERT_THAT(parts().lane.Persist(), IsOk());
  }
  rocksdb::ColumnFamilyMetaData files;
  database().db().GetColumnFamilyMetaData(generations().Newest()->handle(), &files);
  const std::filesystem::path damaged = folder() / files.levels[0].files[5].name.substr(1);
  Close();
  {
    auto file = OpenFile(damaged, O_RDWR);
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT(WriteAllAt(file->get(), "damage", 1000), IsOk());
  }
  ASSERT_THAT(Open(), IsOk());
  for (int i = 100; i < 120; ++i) {
    ASSERT_THAT(WriteAndCommit({Small(i)}), IsOk()) << i;
    parts().upkeep.Wait();
  }
  int lost = 0;
  for (int i = 0; i < 120; ++i) {
    if (i == 12) i = 100;
    const auto read = Read(Small(i).hash());
    if (read.ok()) {
      EXPECT_EQ(*read, Small(i).plain);
    } else {
      ++lost;
    }
  }
  EXPECT_EQ(lost, 1);
}

}  // namespace
}  // namespace depcache::testing
