#include "cache/engine/lease_table.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

BuildKey Key(int n) { return HashAs<BuildKey>(std::to_string(n)); }

class LeaseTableTest : public ::testing::Test {
 protected:
  std::string Take(std::vector<BuildKey> keys) {
    const auto answer = table_.Begin(kMain, keys, LeaseTable::Take::kAll);
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->lease_id : "";
  }
  std::vector<std::uint32_t> Held(std::vector<BuildKey> keys, const ScopeKey& scope = kMain) {
    const auto answer = table_.Begin(scope, keys, LeaseTable::Take::kNothing);
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->held : std::vector<std::uint32_t>();
  }

  inline static const ScopeKey kMain = ScopeKeyOf("", "main");
  inline static const ScopeKey kOther = ScopeKeyOf("", "pr/1");
  FakeClock clock_;
  LeaseTable table_{clock_, {seconds(10), 3}};
};

TEST_F(LeaseTableTest, OneBuilderPerUnit) {
  EXPECT_NE(Take({Key(1), Key(2)}), "");
  EXPECT_EQ(Take({Key(3), Key(2)}), "") << "all or nothing";
  EXPECT_THAT(Held({Key(3), Key(2), Key(1)}), ElementsAre(1, 2));
  EXPECT_NE(Take({Key(3)}), "") << "the refused call took nothing";
}

TEST_F(LeaseTableTest, AskingTakesNothing) {
  EXPECT_THAT(Held({Key(1)}), IsEmpty());
  EXPECT_EQ(table_.size(), 0);
  EXPECT_NE(Take({Key(1)}), "");
}

TEST_F(LeaseTableTest, LapsesWithoutRenewalOnly) {
  const std::string lease = Take({Key(1)});
  clock_.Advance(seconds(9));
  ASSERT_THAT(table_.Renew(kMain, lease), IsOk());
  clock_.Advance(seconds(9));
  EXPECT_THAT(Held({Key(1)}), ElementsAre(0));
  clock_.Advance(seconds(1));
  EXPECT_THAT(Held({Key(1)}), IsEmpty());
  EXPECT_THAT(table_.Renew(kMain, lease), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(LeaseTableTest, AbandonedUnitsAreFreeAtOnce) {
  const std::string lease = Take({Key(1), Key(2)});
  table_.Abandon(kMain, lease);
  table_.Abandon(kMain, lease);
  EXPECT_NE(Take({Key(2)}), "");
  EXPECT_THAT(Held({Key(1)}), IsEmpty());
}

// The lease that lapsed must not take the new one's units with it.
TEST_F(LeaseTableTest, LateBuilderDoesNotDisturbWhoTookOver) {
  const std::string late = Take({Key(1)});
  clock_.Advance(seconds(10));
  EXPECT_NE(Take({Key(1)}), "");
  table_.Abandon(kMain, late);
  EXPECT_THAT(Held({Key(1)}), ElementsAre(0));
}

TEST_F(LeaseTableTest, ScopesAreApart) {
  const std::string lease = Take({Key(1)});
  EXPECT_THAT(Held({Key(1)}, kOther), IsEmpty());
  EXPECT_THAT(table_.Renew(kOther, lease), StatusIs(absl::StatusCode::kNotFound));
  table_.Abandon(kOther, lease);
  EXPECT_THAT(Held({Key(1)}), ElementsAre(0));
}

TEST_F(LeaseTableTest, NumberOfLeasesIsBounded) {
  for (int i = 0; i < 3; ++i) EXPECT_NE(Take({Key(i)}), "");
  const std::vector<BuildKey> more = {Key(4)};
  EXPECT_THAT(table_.Begin(kMain, more, LeaseTable::Take::kAll), StatusIs(absl::StatusCode::kResourceExhausted));
  clock_.Advance(seconds(10));
  EXPECT_THAT(table_.Begin(kMain, more, LeaseTable::Take::kFree), IsOk());
}

TEST_F(LeaseTableTest, WhatIsFreeIsTakenAndAddedToALease) {
  const std::string first = Take({Key(1), Key(2)});
  const std::vector<BuildKey> wanted = {Key(1), Key(3), Key(4)};
  const auto second = table_.Begin(kMain, wanted, LeaseTable::Take::kFree);
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(second->lease_id, "");
  EXPECT_THAT(second->held, ElementsAre(0));
  EXPECT_THAT(Held(wanted), ElementsAre(0, 1, 2));

  const std::vector<BuildKey> landed = {Key(1)};
  table_.Abandon(kMain, first, landed);
  EXPECT_THAT(Held({Key(1), Key(2)}), ElementsAre(1)) << "the lease goes on with the rest";
  const auto again = table_.Begin(kMain, wanted, LeaseTable::Take::kFree, second->lease_id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->lease_id, second->lease_id);
  EXPECT_THAT(again->held, IsEmpty()) << "its own are not in its way";
  EXPECT_EQ(table_.size(), 2);

  table_.Abandon(kMain, second->lease_id);
  EXPECT_THAT(Held(wanted), IsEmpty());
  EXPECT_THAT(table_.Begin(kMain, wanted, LeaseTable::Take::kFree, second->lease_id),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(LeaseTableTest, OthersCannotAddToALease) {
  const std::string lease = Take({Key(1)});
  const std::vector<BuildKey> more = {Key(2)};
  EXPECT_THAT(table_.Begin(kOther, more, LeaseTable::Take::kFree, lease),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(LeaseTableTest, WhoWaitsIsToldWhatBecomesFree) {
  const std::string lease = Take({Key(1), Key(2)});
  const std::vector<BuildKey> both = {Key(1), Key(2)};
  const auto forever = std::chrono::steady_clock::now() + std::chrono::hours(1);
  EXPECT_THAT(table_.WaitForFree(kMain, both, SteadyTime()), IsEmpty()) << "waited for nothing";
  EXPECT_THAT(table_.WaitForFree(kOther, both, SteadyTime()), ElementsAre(0, 1));
  std::vector<std::uint32_t> free;
  std::thread waiter([&] { free = table_.WaitForFree(kMain, both, forever); });
  table_.Abandon(kMain, lease, std::vector<BuildKey>{Key(2)});
  waiter.join();
  EXPECT_THAT(free, ElementsAre(1));

  std::thread other([&] { free = table_.WaitForFree(kMain, {both.data(), 1}, forever); });
  clock_.Advance(seconds(10));
  EXPECT_EQ(table_.size(), 0) << "which sees that it lapsed";
  other.join();
  EXPECT_THAT(free, ElementsAre(0));
}

TEST_F(LeaseTableTest, OfManyAtOnceOneGetsIt) {
  std::atomic<int> given = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const std::vector<BuildKey> keys = {Key(1), Key(2), Key(3)};
      const auto answer = table_.Begin(kMain, keys, LeaseTable::Take::kFree);
      if (answer.ok() && !answer->lease_id.empty()) ++given;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(given, 1);
}

}  // namespace
}  // namespace depcache::testing
