#include "client/remote/server_address.h"

#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;

struct Right {
  const char* text;
  const char* target;
  bool uses_tls;
  bool is_loopback;
};

class RightAddressTest : public ::testing::TestWithParam<Right> {};

INSTANTIATE_TEST_SUITE_P(
    Forms, RightAddressTest,
    ::testing::Values(Right{"cache.example:7450", "cache.example:7450", false, false},
                      Right{"grpc://cache.example:1", "cache.example:1", false, false},
                      Right{"grpcs://cache.example:443", "cache.example:443", true, false},
                      Right{"cache.example", "cache.example:7450", false, false},
                      Right{"grpcs://cache.example/", "cache.example:7450", true, false},
                      Right{"  cache.example:1\n", "cache.example:1", false, false},
                      Right{"localhost:9", "localhost:9", false, true},
                      Right{"127.0.0.1", "127.0.0.1:7450", false, true},
                      Right{"127.8.9.10:5", "127.8.9.10:5", false, true},
                      Right{"[::1]:5", "[::1]:5", false, true},
                      Right{"[::1]", "[::1]:7450", false, true},
                      Right{"[2001:db8::7]:5", "[2001:db8::7]:5", false, false},
                      Right{"10.0.0.1:5", "10.0.0.1:5", false, false},
                      // Names that anybody can own.
                      Right{"127.0.0.1.example.com:5", "127.0.0.1.example.com:5", false, false},
                      Right{"127.example.com", "127.example.com:7450", false, false},
                      Right{"127.0.0.256", "127.0.0.256:7450", false, false},
                      Right{"127.1:5", "127.1:5", false, false},
                      Right{"localhost.example", "localhost.example:7450", false, false}));

TEST_P(RightAddressTest, IsRead) {
  const auto address = ParseServerAddress(GetParam().text);
  ASSERT_THAT(address, IsOk());
  EXPECT_EQ(address->target, GetParam().target);
  EXPECT_EQ(address->uses_tls, GetParam().uses_tls);
  EXPECT_EQ(address->is_loopback, GetParam().is_loopback);
}

class WrongAddressTest : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Forms, WrongAddressTest,
                         ::testing::Values("", "   ", "https://h:1", "http://h", "grpc://", ":7450",
                                           "h:", "h:x", "h:65536", "h:-1", "h:1/path", "user@h:1",
                                           "h h:1", "a,b:1", "::1", "::1:7450", "[::1",
                                           "grpc://grpc://h", "[::1]x:5"));

TEST_P(WrongAddressTest, IsRefusedWithWhatWasGiven) {
  const auto address = ParseServerAddress(GetParam());
  EXPECT_THAT(address, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(address.status().ToString(), ::testing::HasSubstr(GetParam()));
}

TEST(ServerAddressTest, AnAbsurdlyLongHostIsRefused) {
  EXPECT_FALSE(ParseServerAddress(std::string(256, 'h')).ok());
  EXPECT_TRUE(ParseServerAddress(std::string(255, 'h')).ok());
}

}  // namespace
}  // namespace depcache::client
