#include "client/remote/stall_guard.h"

#include <future>

#include <gtest/gtest.h>

namespace depcache::client {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShort{5};
constexpr milliseconds kLong{600'000};

TEST(StallGuardTest, SilenceIsReportedOnce) {
  std::atomic<int> stalls = 0;
  std::promise<void> stalled;
  {
    StallGuard guard(kShort, [&] {
      if (++stalls == 1) stalled.set_value();
    });
    stalled.get_future().wait();
    EXPECT_TRUE(guard.has_stalled());
    guard.Progress();  // too late
  }
  EXPECT_EQ(stalls, 1);
}

TEST(StallGuardTest, EndsAtOnceHoweverLongTheBound) {
  std::atomic<int> stalls = 0;
  {
    StallGuard guard(kLong, [&] { ++stalls; });
    EXPECT_FALSE(guard.has_stalled());
  }
  EXPECT_EQ(stalls, 0);
}

// The watcher looks at least once per bound. A second guard which stalls after
// many bounds shows that the first had the time to.
TEST(StallGuardTest, ExpectedSilenceIsNone) {
  std::promise<void> much_later;
  constexpr milliseconds kBound{50};
  StallGuard paused(kBound, [] {});
  paused.Pause();
  const bool has_stalled_before_pause = paused.has_stalled();
  StallGuard timer(kBound * 10, [&] { much_later.set_value(); });
  much_later.get_future().wait();
  EXPECT_EQ(paused.has_stalled(), has_stalled_before_pause);
}

TEST(StallGuardTest, AfterAPauseProgressStartsTheBoundAnew) {
  std::promise<void> stalled;
  StallGuard guard(milliseconds(100), [&] { stalled.set_value(); });
  guard.Pause();
  guard.Progress();
  stalled.get_future().wait();
  EXPECT_TRUE(guard.has_stalled());
}

}  // namespace
}  // namespace depcache::client
