#include "client/capture/sharer.h"

#include <span>

#include "tests/client/capture/disk_units.h"
#include "tests/support/fake_remote.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::DiskUnits;
using ::depcache::testing::FakeRemote;
using ::depcache::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Three libraries, each standing on the one before.
class SharerTest : public ::testing::Test {
 protected:
  SharerTest() {
    a_ = units_.Plan("a", UnitKind::kLib, {});
    b_ = units_.Plan("b", UnitKind::kLib, {a_});
    c_ = units_.Plan("c", UnitKind::kLib, {b_});
    recipe_.Add("rustc", "rustc 1.95.0");
  }
  void BuildAll() {
    for (const std::size_t unit : {a_, b_, c_}) units_.Build(unit);
  }
  // A cook in which cargo does `compile` while the sharer works.
  ShareResult Share(const std::function<void()>& compile, bool is_cancelled = false) {
    is_trusted_.resize(units_.plan.units.size());
    Sharer sharer({units_.plan, recipe_, units_.lock, units_.folders, processes_, remote_,
                   [&](std::span<const std::size_t> units) {
                     settled_.insert(settled_.end(), units.begin(), units.end());
                   }},
                  units_.known, is_trusted_);
    sharer.Start();
    compile();
    return sharer.Finish(is_cancelled);
  }

  DiskUnits units_;
  Recipe recipe_;
  FakeRemote server_;
  RemoteCache* remote_ = &server_;
  PosixProcessRunner processes_;
  std::vector<bool> is_trusted_;
  std::vector<std::size_t> settled_;  // as it was told
  std::size_t a_ = 0;
  std::size_t b_ = 0;
  std::size_t c_ = 0;
};

TEST_F(SharerTest, WhatCargoCompilesMeanwhileIsSharedInOrder) {
  const ShareResult result = Share([&] { BuildAll(); });
  EXPECT_THAT(result.remote_status, IsOk());
  EXPECT_THAT(result.refused, IsEmpty());
  EXPECT_THAT(result.sent, UnorderedElementsAre(a_, b_, c_));
  EXPECT_GT(result.bytes_sent, 0U);
  ASSERT_EQ(result.records.size(), 3U);
  EXPECT_THAT(result.records.at(b_).deps, ElementsAre(result.known[a_]->ref));
  EXPECT_EQ(server_.units.size(), 3U);
  EXPECT_THAT(settled_, UnorderedElementsAre(a_, b_, c_));
}

// Others who wait for them are told at once that they will not come.
TEST_F(SharerTest, UnitsThatWillNotBeSharedAreSettledToo) {
  const ShareResult result = Share([&] {
    units_.Build(a_);
    DiskUnits::Put(units_.folders.RegistrySrc(kCratesIoSource)->native() + "/b-1.0.0/src/lib.rs",
                   "edited");
    units_.Build(b_);
  });
  EXPECT_TRUE(result.refused.contains(b_));
  EXPECT_THAT(settled_, UnorderedElementsAre(a_, b_, c_));
}

TEST_F(SharerTest, WhatWasThereBeforeIsSomebodyElsesAndSoIsAllAbove) {
  units_.Build(a_);
  const ShareResult result = Share([&] {
    units_.Build(b_);
    units_.Build(c_);
  });
  EXPECT_THAT(result.refused.at(a_), HasSubstr("without the path remaps of depcache"));
  EXPECT_THAT(result.refused.at(b_), HasSubstr("it stands on a, which is not shared"));
  EXPECT_THAT(result.refused.at(c_), HasSubstr("it stands on b"));
  EXPECT_THAT(server_.units, IsEmpty());
}

// Also where nobody looked at its hash file while it was empty.
TEST_F(SharerTest, WhatWasSomebodyElsesIsSharedOnceCargoBuildsItAgain) {
  BuildAll();
  for (const std::size_t unit : {a_, b_, c_}) {
    std::filesystem::last_write_time(units_.HashFile(unit), std::filesystem::file_time_type{});
  }
  const ShareResult result = Share([&] { BuildAll(); });
  EXPECT_THAT(result.refused, IsEmpty());
  EXPECT_THAT(result.sent, UnorderedElementsAre(a_, b_, c_));
}

TEST_F(SharerTest, WhatWasThereAndIsOursIsTakenAsItIs) {
  BuildAll();
  is_trusted_.assign(3, true);
  const ShareResult result = Share([] {});
  EXPECT_THAT(result.sent, UnorderedElementsAre(a_, b_, c_));
}

TEST_F(SharerTest, KnownUnitsAreNotReadAgain) {
  units_.Build(a_);
  const CapturedUnit a = units_.CaptureKnown(a_);
  std::filesystem::remove(units_.PathOf(a_, FileRole::kRlib));
  const ShareResult result = Share([&] {
    units_.Build(b_);
    units_.Build(c_);
  });
  EXPECT_THAT(result.refused, IsEmpty());
  EXPECT_THAT(result.sent, UnorderedElementsAre(b_, c_));
  EXPECT_THAT(result.records.at(b_).deps, ElementsAre(a.ref));
}

// Cargo would not take what was restored: what stands on it is built on the
// new bytes, and must be shared as such.
TEST_F(SharerTest, AKnownUnitThatCargoBuildsAgainIsKnownByItsNewBytes) {
  units_.Build(a_);
  units_.Build(b_);
  const CapturedUnit a = units_.CaptureKnown(a_);
  const CapturedUnit b = units_.CaptureKnown(b_);
  std::filesystem::last_write_time(units_.HashFile(a_), std::filesystem::file_time_type{});
  std::filesystem::last_write_time(units_.HashFile(b_), std::filesystem::file_time_type{});
  const ShareResult result = Share([&] {
    units_.Build(a_, testing::MakeElf({{".text", "other code"}}));
    units_.Build(b_);
    units_.Build(c_);
  });
  EXPECT_THAT(result.sent, ElementsAre(a_, b_, c_));
  EXPECT_NE(result.known[a_]->ref, a.ref);
  EXPECT_THAT(result.records.at(b_).deps, ElementsAre(result.known[a_]->ref));
  EXPECT_THAT(result.records.at(c_).deps, ElementsAre(result.known[b_]->ref));
}

TEST_F(SharerTest, AKnownUnitThatWasTakenAwayIsKnownNoMore) {
  units_.Build(a_);
  units_.CaptureKnown(a_);
  const ShareResult result = Share([&] { std::filesystem::remove(units_.HashFile(a_)); });
  EXPECT_FALSE(result.known[a_]);
  EXPECT_THAT(result.refused.at(a_), HasSubstr("it was not built"));
}

// Cargo empties no OUT_DIR: files of another environment's run may be in it.
TEST_F(SharerTest, AScriptThatRanOverAnotherRunIsNotShared) {
  const std::size_t run = units_.Plan("d", UnitKind::kScriptRun, {});
  units_.Build(run);
  std::filesystem::last_write_time(units_.HashFile(run), std::filesystem::file_time_type{});
  const ShareResult result = Share([&] {
    BuildAll();
    units_.Build(run);
  });
  EXPECT_THAT(result.refused.at(run), HasSubstr("ran again in an OUT_DIR that was not empty"));
  EXPECT_THAT(result.sent, UnorderedElementsAre(a_, b_, c_));
}

TEST_F(SharerTest, WhatCargoDidNotBuildIsNamed) {
  const ShareResult result = Share([&] { units_.Build(a_); });
  EXPECT_THAT(result.sent, ElementsAre(a_));
  EXPECT_THAT(result.refused.at(b_), HasSubstr("it was not built"));
}

TEST_F(SharerTest, UnitsThatMayNotBeSharedAreLeftAlone) {
  units_.plan.units[b_].is_eligible = false;
  const ShareResult result = Share([&] { BuildAll(); });
  EXPECT_THAT(result.sent, ElementsAre(a_));
  EXPECT_FALSE(result.refused.contains(b_));
  EXPECT_TRUE(result.refused.contains(c_));
}

TEST_F(SharerTest, SourcesEditedByHandAreNotShared) {
  const ShareResult result = Share([&] {
    DiskUnits::Put(units_.plan.units[b_].package_root + "/src/lib.rs", "edited");
    BuildAll();
  });
  EXPECT_THAT(result.sent, ElementsAre(a_));
  EXPECT_THAT(result.refused.at(b_), HasSubstr("was edited"));
}

TEST_F(SharerTest, APackageWithoutAChecksumIsNotShared) {
  units_.lock.packages[1].checksum.clear();
  const ShareResult result = Share([&] { BuildAll(); });
  EXPECT_THAT(result.refused.at(b_), HasSubstr("no checksum"));
}

TEST_F(SharerTest, AServerThatFailsStopsTheSendingAndNotTheCapture) {
  server_.broken = Unavailable("gone");
  const ShareResult result = Share([&] { BuildAll(); });
  EXPECT_THAT(result.remote_status, testing::StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(result.sent, IsEmpty());
  EXPECT_EQ(result.records.size(), 3U);
}

TEST_F(SharerTest, WithoutAServerUnitsAreCapturedForTheStamps) {
  remote_ = nullptr;
  const ShareResult result = Share([&] { BuildAll(); });
  EXPECT_EQ(result.records.size(), 3U);
  EXPECT_THAT(result.sent, IsEmpty());
  EXPECT_TRUE(result.known[c_].has_value());
}

TEST_F(SharerTest, ACancelledCookSendsNothingMore) {
  const ShareResult result = Share([&] { BuildAll(); }, /*is_cancelled=*/true);
  EXPECT_THAT(server_.units, IsEmpty());
  EXPECT_THAT(result.sent, IsEmpty());
}

}  // namespace
}  // namespace depcache::client
