#include "client/cook/build_turn.h"

#include <thread>

#include <gmock/gmock.h>

#include "client/cook/plan_flow.h"
#include "tests/client/capture/disk_units.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_context.h"

namespace depcache::client {
namespace {

using ::depcache::testing::DiskUnits;
using ::depcache::testing::FakeRemote;
using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestContext;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// `b` stands on `a`, as does `c` on `b`; `d` stands alone.
class BuildTurnTest : public ::testing::Test {
 protected:
  BuildTurnTest() {
    a_ = units_.Plan("a", UnitKind::kLib, {});
    b_ = units_.Plan("b", UnitKind::kLib, {a_});
    c_ = units_.Plan("c", UnitKind::kLib, {b_});
    d_ = units_.Plan("d", UnitKind::kLib, {});
    input_.folders = units_.folders;
    input_.lock = units_.lock;
    input_.recipe.Add("rustc", "rustc 1.95.0");
    context_.context.config.wait_bound = std::chrono::hours(1);
  }

  BuildKey KeyOf(std::size_t unit) {
    std::vector<BuildKey> deps;
    for (const GraphDep& dep : units_.plan.units[unit].deps) deps.push_back(KeyOf(dep.unit));
    const auto questions = QuestionsOf(units_.plan, input_.recipe, input_.lock, input_.folders);
    return BuildKeyOf(*questions[unit].inputs, std::move(deps));
  }
  void OthersHold(const std::vector<std::size_t>& units) {
    for (const std::size_t unit : units) remote_.Hold(KeyOf(unit), FakeRemote::kOthers);
  }
  void FreeOthersOnceWaitedFor() {
    remote_.WaitForWatch();
    remote_.FreeOthers();
  }
  // Units that the caller's lease covers now.
  std::vector<std::size_t> Mine() {
    std::vector<std::size_t> mine;
    const auto holders = remote_.Holders();
    for (std::size_t i = 0; i < units_.plan.units.size(); ++i) {
      const auto holder = holders.find(KeyOf(i));
      if (holder != holders.end() && holder->second == FakeRemote::kMine) mine.push_back(i);
    }
    return mine;
  }

  absl::StatusOr<Turn> WaitForIt(bool may_build = true) {
    return WaitForTurn(
        {context_.context, input_, remote_, units_.plan, may_build,
         [this] {
           ++restores_;
           for (const std::size_t unit : landed_) units_.Build(unit);
           return restored_;
         },
         [this](const std::vector<bool>& left_out, BuildLease* lease) -> absl::StatusOr<int> {
           left_out_ = left_out;
           had_lease_ = lease != nullptr;
           on_part_();
           return part_code_;
         }},
        summary_);
  }

  DiskUnits units_;
  TestContext context_{units_.folder.path()};
  CookInput input_;
  FakeRemote remote_;
  CookSummary summary_;
  std::vector<std::size_t> landed_;  // what a restore finds
  absl::Status restored_;
  int restores_ = 0;
  std::vector<bool> left_out_;  // of the last part
  bool had_lease_ = false;
  std::function<void()> on_part_ = [] {};
  int part_code_ = 0;
  std::size_t a_ = 0;
  std::size_t b_ = 0;
  std::size_t c_ = 0;
  std::size_t d_ = 0;
};

TEST_F(BuildTurnTest, WhoComesFirstGetsAllThatIsMissingAtOnce) {
  units_.Build(a_);
  const auto turn = WaitForIt();
  ASSERT_THAT(turn, IsOk());
  EXPECT_NE(turn->lease, nullptr);
  EXPECT_THAT(Mine(), ElementsAre(b_, c_, d_));
  EXPECT_EQ(restores_, 1);
  EXPECT_THAT(left_out_, IsEmpty());
}

// Another builder may have landed units, and given them free, between our look
// at what is known and our lease.
TEST_F(BuildTurnTest, WhatLandedBeforeTheLeaseIsNotCompiledAgain) {
  landed_ = {a_, b_, c_, d_};
  const auto turn = WaitForIt();
  ASSERT_THAT(turn, IsOk());
  EXPECT_EQ(turn->lease, nullptr);
  EXPECT_THAT(Mine(), IsEmpty());
}

// The server has them: nobody else needs to wait for us to compile them.
TEST_F(BuildTurnTest, WhatIsLeftToCargoByTheCostRuleIsNotLeased) {
  summary_.left_to_cargo[LayoutOf(units_.plan.layout).HashFile(units_.plan.units[d_].place)] = {};
  const auto turn = WaitForIt();
  ASSERT_THAT(turn, IsOk());
  EXPECT_THAT(Mine(), ElementsAre(a_, b_, c_));
}

TEST_F(BuildTurnTest, WhatLandedBeforeTheLeaseIsNoPartToCompile) {
  OthersHold({a_});
  landed_ = {d_};
  on_part_ = [] { ADD_FAILURE() << "d is there"; };
  std::thread other([&] { FreeOthersOnceWaitedFor(); });
  const auto turn = WaitForIt();
  other.join();
  ASSERT_THAT(turn, IsOk());
  EXPECT_THAT(Mine(), ::testing::IsSupersetOf({a_, b_, c_}));
}

TEST_F(BuildTurnTest, TheLeaseEndsWithItsOwner) {
  {
    const auto turn = WaitForIt();
    ASSERT_THAT(turn, IsOk());
    turn->lease->Release(std::vector<std::size_t>{a_, d_});
    EXPECT_THAT(Mine(), ElementsAre(b_, c_));
    turn->lease->Release({});
    EXPECT_THAT(Mine(), ElementsAre(b_, c_)) << "no unit is not every unit";
  }
  EXPECT_THAT(Mine(), IsEmpty());
}

TEST_F(BuildTurnTest, WhatNobodyBuildsIsCompiledWhileOthersBuildTheRest) {
  OthersHold({a_, b_});
  on_part_ = [&] {
    EXPECT_THAT(Mine(), ElementsAre(c_, d_));
    units_.Build(d_);
    landed_ = {a_, b_};
    remote_.FreeOthers();
  };
  const auto turn = WaitForIt();
  ASSERT_THAT(turn, IsOk());
  EXPECT_THAT(left_out_, ElementsAre(true, true, false, false));
  EXPECT_TRUE(had_lease_);
  EXPECT_NE(turn->lease, nullptr);
  EXPECT_EQ(turn->failed, std::nullopt);
  EXPECT_THAT(context_.terminal.err, HasSubstr("compiles 2 of the 4 units"));
  EXPECT_THAT(context_.terminal.err, HasSubstr("compiling 1 units meanwhile"));
}

TEST_F(BuildTurnTest, AFailureOfAPartIsTheEnd) {
  OthersHold({a_});
  part_code_ = 101;
  const auto turn = WaitForIt();
  ASSERT_THAT(turn, IsOk());
  EXPECT_EQ(turn->failed, 101);
}

// All that could be started was; the rest is the others'.
TEST_F(BuildTurnTest, WaitsUntilOthersGiveUpAndTakesOver) {
  units_.Build(d_);
  OthersHold({a_, b_, c_});
  std::thread other([&] { FreeOthersOnceWaitedFor(); });
  const auto turn = WaitForIt();
  other.join();
  ASSERT_THAT(turn, IsOk());
  EXPECT_NE(turn->lease, nullptr);
  EXPECT_THAT(Mine(), ElementsAre(a_, b_, c_));
  EXPECT_THAT(left_out_, IsEmpty()) << "nothing to start with";
}

TEST_F(BuildTurnTest, WhatLandedLeavesNothingToLease) {
  units_.Build(d_);
  OthersHold({a_, b_, c_});
  landed_ = {a_, b_, c_};
  std::thread other([&] { FreeOthersOnceWaitedFor(); });
  const auto turn = WaitForIt();
  other.join();
  ASSERT_THAT(turn, IsOk());
  EXPECT_EQ(turn->lease, nullptr);
  EXPECT_THAT(Mine(), IsEmpty());
}

TEST_F(BuildTurnTest, AReaderWaitsTooAndHasNobodyWaitForIt) {
  OthersHold({a_, b_, c_});
  on_part_ = [&] {
    EXPECT_THAT(Mine(), IsEmpty());
    units_.Build(d_);
    landed_ = {a_, b_, c_};
    remote_.FreeOthers();
  };
  const auto turn = WaitForIt(/*may_build=*/false);
  ASSERT_THAT(turn, IsOk());
  EXPECT_FALSE(had_lease_);
  EXPECT_EQ(turn->lease, nullptr);
}

TEST_F(BuildTurnTest, NeverWaitsLongerThanItsOwnBuildWouldTake) {
  units_.Build(d_);
  OthersHold({a_});
  remote_.expected = std::chrono::milliseconds(1);
  const auto turn = WaitForIt();
  ASSERT_THAT(turn, IsOk());
  EXPECT_THAT(context_.terminal.err, HasSubstr("slower than this one would be"));
  EXPECT_THAT(Mine(), ElementsAre(b_, c_)) << "what nobody else builds is ours";
}

TEST_F(BuildTurnTest, WithoutARecordTheBoundIsThatOfTheConfiguration) {
  units_.Build(d_);
  OthersHold({a_, b_, c_});
  context_.context.config.wait_bound = std::chrono::milliseconds(1);
  remote_.can_be_watched = false;
  const auto turn = WaitForIt();
  ASSERT_THAT(turn, IsOk());
  EXPECT_THAT(context_.terminal.err, HasSubstr("nothing landed for a while"));
  EXPECT_EQ(turn->lease, nullptr);
  EXPECT_EQ(restores_, 1) << "a last look";
}

TEST_F(BuildTurnTest, AServerThatFailsIsNotWaitedFor) {
  remote_.broken = Unavailable("gone");
  const auto turn = WaitForIt();
  ASSERT_THAT(turn, IsOk());
  EXPECT_EQ(turn->lease, nullptr);
  EXPECT_THAT(context_.terminal.err, Not(HasSubstr("waiting")));
}

TEST_F(BuildTurnTest, AnErrorOfTheRestoreIsHandedOn) {
  units_.Build(d_);
  OthersHold({a_, b_, c_});
  restored_ = Cancelled("interrupted");
  std::thread other([&] { FreeOthersOnceWaitedFor(); });
  EXPECT_THAT(WaitForIt(), StatusIs(absl::StatusCode::kCancelled));
  other.join();
}

TEST_F(BuildTurnTest, AWholePackageIsLeftToWhoBuildsAUnitOfIt) {
  const std::size_t check = units_.Plan("d", UnitKind::kProcMacro, {});
  std::vector<bool> is_built(units_.plan.units.size());
  std::vector<bool> held(units_.plan.units.size());
  held[check] = true;
  EXPECT_THAT(FindStartable(units_.plan, is_built, held), ElementsAre(a_, b_, c_));
  held[a_] = true;
  EXPECT_THAT(FindStartable(units_.plan, is_built, held), IsEmpty());
}

// Cargo would run it: only compiling can be refused.
TEST_F(BuildTurnTest, NothingIsStartedWhereAScriptOfOthersWouldRun) {
  const std::size_t script = units_.Plan("s", UnitKind::kScriptBuild, {});
  const std::size_t run = units_.Plan("s", UnitKind::kScriptRun, {script});
  std::vector<bool> is_built(units_.plan.units.size());
  std::vector<bool> held(units_.plan.units.size());
  held[run] = true;
  EXPECT_THAT(FindStartable(units_.plan, is_built, held), ElementsAre(a_, b_, c_, d_));
  is_built[script] = true;
  EXPECT_THAT(FindStartable(units_.plan, is_built, held), IsEmpty());
}

TEST_F(BuildTurnTest, MembersAreNeverStarted) {
  units_.plan.units[b_].is_path_package = true;
  EXPECT_THAT(FindStartable(units_.plan, std::vector<bool>(4), std::vector<bool>(4)),
              ElementsAre(a_, d_));
}

}  // namespace
}  // namespace depcache::client
