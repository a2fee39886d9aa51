#include "cache/store/rocksdb/ballast.h"

#include <sys/stat.h>

#include "tests/cache/store/rocksdb/rocksdb_fixture.h"

namespace depcache::testing {
namespace {

class BallastTest : public ::testing::Test {
 protected:
  // Bytes on the disk; -1 if there is no file.
  std::int64_t Taken() const {
    struct stat stats = {};
    return stat(path_.c_str(), &stats) == 0 ? stats.st_blocks * 512 : -1;
  }
  const ScopedTempDir folder_ = MakeTempFolder();
  const std::filesystem::path path_ = folder_.path() / "ballast";
};

TEST_F(BallastTest, TakesItsSpaceAndGivesItBack) {
  Ballast ballast(path_, 1 << 20);
  EXPECT_EQ(Taken(), -1);
  ballast.Take();
  EXPECT_GE(Taken(), 1 << 20);
  ballast.Take();
  ballast.Release();
  EXPECT_EQ(Taken(), -1);
  ballast.Release();
  ballast.Take();
  EXPECT_GE(Taken(), 1 << 20);
}

TEST_F(BallastTest, OneOfAnEarlierRunIsTakenOver) {
  Ballast(path_, 1 << 20).Take();
  Ballast ballast(path_, 1 << 20);
  ballast.Take();
  EXPECT_GE(Taken(), 1 << 20);
  ballast.Release();
  EXPECT_EQ(Taken(), -1);
}

TEST_F(BallastTest, NoRoomIsNoError) {
  Ballast too_large(path_, 1ULL << 50);
  too_large.Take();
  EXPECT_EQ(Taken(), -1);
  Ballast nowhere(folder_.path() / "missing" / "ballast", 1);
  nowhere.Take();
  nowhere.Release();
}

}  // namespace
}  // namespace depcache::testing
