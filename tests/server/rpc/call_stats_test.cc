#include "server/rpc/call_stats.h"

#include <gtest/gtest.h>

#include "tests/server/rpc/rpc_fixture.h"

namespace depcache::server {
namespace {

using std::chrono::milliseconds;

TEST(CallStatsTest, CallsAreToldApartByMethodAndCode) {
  CallStats stats;
  for (int i = 0; i < 3; ++i) stats.Begin("GetLayer");
  stats.End("GetLayer", absl::StatusCode::kOk, milliseconds(3));
  stats.End("GetLayer", absl::StatusCode::kOk, milliseconds(400));
  stats.End("GetLayer", absl::StatusCode::kNotFound, milliseconds(1));
  const CallStats::Tallies tallies = stats.Get();
  ASSERT_EQ(tallies.size(), 2);
  const CallTally& ok = tallies.at({"GetLayer", absl::StatusCode::kOk});
  EXPECT_EQ(ok.calls, 2);
  EXPECT_NEAR(ok.seconds, 0.403, 1e-9);
  EXPECT_EQ(ok.by_duration[1], 1) << "up to 5 ms";
  EXPECT_EQ(ok.by_duration[4], 1) << "up to 500 ms";
  EXPECT_EQ(tallies.at({"GetLayer", absl::StatusCode::kNotFound}).by_duration[0], 1)
      << "a bound belongs to the class below it";
}

TEST(CallStatsTest, AVeryLongCallIsInTheLastClass) {
  CallStats stats;
  stats.Begin("ReadBlobs");
  stats.End("ReadBlobs", absl::StatusCode::kOk, std::chrono::hours(2));
  EXPECT_EQ(stats.Get().begin()->second.by_duration.back(), 1);
}

TEST(CallStatsTest, StreamsUnderWayAreCountedApart) {
  CallStats stats;
  for (const char* method : {"ReadBlobs", "WriteBlobs", "ResolveUnits", "GetLayer"}) {
    stats.Begin(method);
  }
  EXPECT_EQ(stats.StreamsUnderWay(), 3);
  EXPECT_EQ(stats.CallsUnderWay(), 4);
  stats.End("ReadBlobs", absl::StatusCode::kCancelled, milliseconds(1));
  EXPECT_EQ(stats.StreamsUnderWay(), 2);
  EXPECT_EQ(stats.CallsUnderWay(), 3);
}

class CountedCallsTest : public RpcFixture {};

TEST_F(CountedCallsTest, EveryHandlerIsCountedWithItsResult) {
  ASSERT_TRUE(Write({"bytes"}).ok());
  EXPECT_FALSE(Write({"bytes"}, "", "a//b").ok());
  ASSERT_TRUE(Read({NameOf("bytes")}).status.ok());
  ASSERT_TRUE(gate().WaitIdle(SteadyTime::max()));
  const CallStats::Tallies tallies = gate().stats().Get();
  EXPECT_EQ(tallies.at({"WriteBlobs", absl::StatusCode::kOk}).calls, 1);
  EXPECT_EQ(tallies.at({"WriteBlobs", absl::StatusCode::kInvalidArgument}).calls, 1);
  EXPECT_EQ(tallies.at({"ReadBlobs", absl::StatusCode::kOk}).calls, 1);
  EXPECT_EQ(gate().stats().CallsUnderWay(), 0);
}

}  // namespace
}  // namespace depcache::server
