#include "client/cook/stamp.h"

#include "cache/cargo/target_layout.h"
#include "tests/support/sample_units.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::SampleUnits;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::IsEmpty;

class StampTest : public ::testing::Test {
 protected:
  StampTest() {
    units_.AddLib("a");
    const TargetLayout& layout = LayoutOf(record().layout);
    hash_file_ = layout.HashFile(record().place);
    rlib_ = layout.FilePath(record().place, FileRole::kRlib, "");
    for (const FileRole role : {FileRole::kRlib, FileRole::kRmeta, FileRole::kDepInfo}) {
      folder_.Write(layout.FilePath(record().place, role, ""), "bytes");
    }
    folder_.Write(hash_file_, "0123456789abcdef");
  }
  const UnitRecord& record() const { return units_.records[0]; }
  UnitStamp Stamp() {
    absl::StatusOr<UnitStamp> stamp = MakeStamp(folder_.path(), record(), 42);
    EXPECT_THAT(stamp, IsOk());
    return *std::move(stamp);
  }

  const TestFolder folder_;
  SampleUnits units_;
  std::string hash_file_;
  std::string rlib_;
};

TEST_F(StampTest, NamesTheUnitAndItsFilesHashFileFirst) {
  const UnitStamp stamp = Stamp();
  EXPECT_EQ(stamp.ref, units_.RefOf(0));
  EXPECT_EQ(stamp.fingerprint, 42U);
  ASSERT_EQ(stamp.files.size(), 4U);
  EXPECT_EQ(stamp.files[0].path, hash_file_);
  EXPECT_EQ(stamp.files[0].size_bytes, 16U);
  EXPECT_TRUE(IsUnchanged(folder_.path(), stamp));
}

TEST_F(StampTest, AnotherSizeTimeOrNoFileIsAChange) {
  const UnitStamp stamp = Stamp();
  folder_.Write(rlib_, "longer bytes");
  EXPECT_FALSE(IsUnchanged(folder_.path(), stamp));
  const UnitStamp again = Stamp();
  ASSERT_THAT(SetFileTime(folder_ / rlib_, 1'000'000'000), IsOk());
  EXPECT_FALSE(IsUnchanged(folder_.path(), again));
  const UnitStamp third = Stamp();
  std::filesystem::remove(folder_ / rlib_);
  EXPECT_FALSE(IsUnchanged(folder_.path(), third));
  EXPECT_THAT(MakeStamp(folder_.path(), record(), 1), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(StampTest, AStampOfNothingProvesNothing) {
  EXPECT_FALSE(IsUnchanged(folder_.path(), UnitStamp{}));
}

TEST_F(StampTest, IsReadBackAsItWasWritten) {
  units_.records[0].predicates = {
      {PredicateKind::kEnv, "A", std::nullopt},
      {PredicateKind::kFile, "/f", PredicateValue(PredicateKind::kFile, "/f", "text")}};
  UnitStamp stamp = Stamp();
  stamp.record = DigestOf("record");
  ASSERT_THAT(WriteStamps(folder_.path(), {{hash_file_, stamp}, {"other", UnitStamp{}}}), IsOk());
  const Stamps stamps = ReadStamps(folder_.path());
  ASSERT_EQ(stamps.size(), 2U);
  const UnitStamp& read = stamps.at(hash_file_);
  EXPECT_EQ(read.ref, stamp.ref);
  EXPECT_EQ(read.record, stamp.record);
  EXPECT_EQ(read.fingerprint, 42U);
  EXPECT_TRUE(IsUnchanged(folder_.path(), read));
}

TEST_F(StampTest, WithoutAFileOrWithADamagedOneThereAreNone) {
  EXPECT_THAT(ReadStamps(folder_.path()), IsEmpty());
  ASSERT_THAT(WriteStamps(folder_.path(), {{hash_file_, Stamp()}}), IsOk());
  const std::string bytes = folder_.Read(".depcache/units");
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    folder_.Write(".depcache/units", bytes.substr(0, size));
    EXPECT_THAT(ReadStamps(folder_.path()), IsEmpty()) << size;
  }
  folder_.Write(".depcache/units", "dcs1" + bytes.substr(4));
  EXPECT_THAT(ReadStamps(folder_.path()), IsEmpty());
}

}  // namespace
}  // namespace depcache::client
