#include "cache/store/rocksdb/options.h"

#include <sys/stat.h>

#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

class OptionsTest : public PartsFixture {};

// Without a merge in between: by RocksDB's defaults writes would slow down at
// 20 files and stop at 36.
TEST_F(OptionsTest, ManyFilesOfAGenerationDoNotStallWrites) {
  const auto found = database().CreateGeneration(77);
  ASSERT_THAT(found, IsOk());
  const Generation generation(parts().database, FoundGeneration{77, *found});
  for (int i = 0; i < 60; ++i) {
    ASSERT_THAT(PutRaw(generation, std::to_string(i), "value"), IsOk());
    ASSERT_THAT(database().Flush({generation.handle()}), IsOk());
  }
  EXPECT_EQ(FilesOf(generation), 60);
  std::uint64_t is_stopped = 1, delay = 1;
  database().db().GetIntProperty("rocksdb.is-write-stopped", &is_stopped);
  database().db().GetIntProperty("rocksdb.actual-delayed-write-rate", &delay);
  EXPECT_EQ(is_stopped, 0u);
  EXPECT_EQ(delay, 0u);
}

TEST_F(OptionsTest, RocksDbWritesNoLogFileOfItsOwn) {
  ASSERT_THAT(Commit(), IsOk());
  Close();
  EXPECT_FALSE(std::filesystem::exists(folder() / "LOG"));
}

TEST_F(OptionsTest, LogsTakeNoSpaceInAdvance) {
  ASSERT_THAT(WriteAndCommit({MakeBlob("x")}), IsOk());
  for (const auto& file : std::filesystem::directory_iterator(folder())) {
    if (file.path().extension() != ".log") continue;
    struct stat stats = {};
    ASSERT_EQ(stat(file.path().c_str(), &stats), 0);
    EXPECT_LT(stats.st_blocks * 512, 1 << 20) << file.path();
  }
}

}  // namespace
}  // namespace depcache::testing
