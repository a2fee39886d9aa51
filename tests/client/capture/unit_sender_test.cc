#include "client/capture/unit_sender.h"

#include "tests/client/capture/disk_units.h"
#include "tests/support/fake_remote.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::DiskUnits;
using ::depcache::testing::FakeRemote;
using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class UnitSenderTest : public ::testing::Test {
 protected:
  CapturedUnit Captured(const std::string& name) {
    const std::size_t unit = units_.Plan(name, UnitKind::kLib, {});
    units_.Build(unit);
    return units_.CaptureKnown(unit);
  }
  DiskUnits units_;
  FakeRemote remote_;
  UnitSender sender_{remote_};
};

TEST_F(UnitSenderTest, ABatchIsSentAndCommitted) {
  const CapturedUnit a = Captured("a");
  const CapturedUnit b = Captured("b");
  EXPECT_TRUE(sender_.IsEmpty());
  sender_.Add(4, a);
  sender_.Add(7, b);
  EXPECT_GT(sender_.pending_bytes(), 0U);
  EXPECT_THAT(sender_.Flush(), IsOkAndHolds(ElementsAre(4U, 7U)));
  EXPECT_TRUE(sender_.IsEmpty());
  EXPECT_EQ(sender_.pending_bytes(), 0U);
  EXPECT_GT(sender_.bytes_sent(), 0U);
  EXPECT_THAT(remote_.units[a.ref.key], SizeIs(1));
  EXPECT_THAT(remote_.units[b.ref.key], SizeIs(1));
}

TEST_F(UnitSenderTest, NoBlobIsSentTwiceNorOneThatIsThere) {
  const CapturedUnit a = Captured("a");
  sender_.Add(0, a);
  sender_.Add(1, a);
  ASSERT_THAT(sender_.Flush(), IsOk());
  EXPECT_THAT(remote_.uploads, SizeIs(a.blobs.size()));
  remote_.uploads.clear();
  sender_.Add(0, a);
  ASSERT_THAT(sender_.Flush(), IsOk());
  EXPECT_THAT(remote_.uploads, IsEmpty());
}

TEST_F(UnitSenderTest, AFileThatChangedSinceItWasCapturedIsNotSent) {
  sender_.Add(0, Captured("a"));
  DiskUnits::Put(units_.PathOf(0, FileRole::kRlib), "another build");
  EXPECT_THAT(sender_.Flush(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(remote_.units, IsEmpty());
  EXPECT_TRUE(sender_.IsEmpty());
}

TEST_F(UnitSenderTest, AServerThatFailsIsReported) {
  sender_.Add(0, Captured("a"));
  remote_.broken = Unavailable("gone");
  EXPECT_THAT(sender_.Flush(), StatusIs(absl::StatusCode::kUnavailable));
  remote_.broken = absl::OkStatus();
  EXPECT_THAT(sender_.Flush(), IsOkAndHolds(IsEmpty()));
}

TEST_F(UnitSenderTest, ABlobThatTheServerLostIsNoSuccess) {
  const CapturedUnit a = Captured("a");
  CapturedUnit without_file = a;
  without_file.blobs = {a.blobs.back()};
  sender_.Add(0, without_file);
  EXPECT_THAT(sender_.Flush(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(remote_.units[a.ref.key], IsEmpty());
}

TEST_F(UnitSenderTest, PackagesAreCommittedWithTheUnits) {
  units_.AddPackage("serde");
  const LockedPackage& locked = units_.lock.packages[0];
  const PackageId serde{locked.name, locked.version, locked.source, locked.checksum};
  for (const CapturedPackage& package : CapturePackages(units_.lock, {serde}, units_.folders)) {
    sender_.Add(package);
  }
  EXPECT_FALSE(sender_.IsEmpty());
  ASSERT_THAT(sender_.Flush(), IsOk());
  EXPECT_TRUE(remote_.packages.contains(serde.checksum));
}

}  // namespace
}  // namespace depcache::client
