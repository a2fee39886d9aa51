// Who calls, and the gate that lets the server drain.

#include "server/rpc/call.h"

#include <thread>

#include "tests/server/rpc/rpc_fixture.h"

namespace depcache::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kUnauthenticated = grpc::StatusCode::UNAUTHENTICATED;

class CallTest : public TokenFixture {
 protected:
  grpc::Status CallWith(const std::vector<std::pair<std::string, std::string>>& metadata) {
    grpc::ClientContext context;
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    v1::FindMissingResponse response;
    return Blobs()->FindMissing(&context, v1::FindMissingRequest(), &response);
  }
};

TEST_F(CallTest, ATokenIsNeededWhereThereAreTokens) {
  EXPECT_TRUE(CallWith({{"authorization", "Bearer reader"}}).ok());
  const grpc::Status none = CallWith({});
  EXPECT_EQ(none.error_code(), kUnauthenticated);
  EXPECT_THAT(none.error_message(), HasSubstr("DEPCACHE_TOKEN"));
}

TEST_F(CallTest, AnythingButAValidBearerTokenIsRefused) {
  for (const std::string& value :
       {std::string("reader"), std::string("bearer reader"), std::string("Basic reader"),
        std::string("Bearer"), std::string("Bearer "), std::string("Bearer  reader"),
        std::string("Bearer readers"), "Bearer " + std::string(5000, 'x')}) {
    const grpc::Status status = CallWith({{"authorization", value}});
    EXPECT_EQ(status.error_code(), kUnauthenticated) << value.substr(0, 30);
    EXPECT_THAT(status.error_message(), Not(HasSubstr("reader"))) << "repeats what may be a token";
  }
}

TEST_F(CallTest, TokensEnd) {
  EXPECT_TRUE(CallWith({{"authorization", "Bearer reader"}}).ok());
  clock().Advance(std::chrono::hours(24 * 365 * 10));
  EXPECT_EQ(CallWith({{"authorization", "Bearer reader"}}).error_code(), kUnauthenticated);
}

TEST_F(CallTest, ADrainingServerRefusesNewCalls) {
  gate().Drain();
  EXPECT_EQ(CallWith({{"authorization", "Bearer reader"}}).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(gate().WaitIdle(SteadyTime::max()));
}

TEST(LocalPeerTest, OnlyLoopbackIsThisMachine) {
  for (const char* peer : {"ipv4:127.0.0.1:53830", "ipv4:127.1.2.3:1", "ipv6:[::1]:53830",
                           "ipv6:%5B::1%5D:53830", "unix:/run/x", "unix:"}) {
    EXPECT_TRUE(IsLocalPeer(peer)) << peer;
  }
  for (const char* peer : {"", "unknown", "ipv4:10.0.0.1:53830", "ipv4:1.127.0.1:1",
                           "ipv6:[fe80::1]:53830", "ipv6:[::10]:1", "ipv6:%5B2001::1%5D:1"}) {
    EXPECT_FALSE(IsLocalPeer(peer)) << peer;
  }
}

TEST(CallGateTest, WaitsForTheCallsUnderWay) {
  CallGate gate;
  EXPECT_TRUE(gate.WaitIdle(SteadyTime::min())) << "nothing is under way";
  gate.Enter();
  gate.Enter();
  gate.Leave();
  EXPECT_FALSE(gate.WaitIdle(std::chrono::steady_clock::now()));
  std::thread last([&] { gate.Leave(); });
  EXPECT_TRUE(gate.WaitIdle(SteadyTime::max()));
  last.join();
}

TEST(CallGateTest, DrainsOnce) {
  CallGate gate;
  EXPECT_FALSE(gate.is_draining());
  gate.Drain();
  gate.Drain();
  EXPECT_TRUE(gate.is_draining());
}

}  // namespace
}  // namespace depcache::server
