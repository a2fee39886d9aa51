#include "server/metrics.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/base/files.h"
#include "cache/base/log.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace depcache::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// All that a plain HTTP/1.0 server answers.
std::string HttpGet(int port, const std::string& path) {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return "";
  const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
  EXPECT_EQ(write(fd.get(), request.data(), request.size()), request.size());
  std::string answer;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(fd.get(), buffer, sizeof buffer)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(n));
  }
  return answer;
}

class MetricsTest : public ::testing::Test {
 protected:
  MetricsTest() { SetLogLevel(LogLevel::kOff); }
  ~MetricsTest() override { SetLogLevel(LogLevel::kInfo); }

  testing::FakeClock clock_;
  LayerCache cache_{MakeMemoryStore(), clock_, LayerCache::Options()};
  CallStats calls_;
};

TEST_F(MetricsTest, ShowsWhatTheServerDid) {
  const auto metrics = MetricsListener::Start("127.0.0.1:0", cache_, calls_);
  ASSERT_THAT(metrics, testing::IsOk());
  const auto scope = ResolveScope(AnonymousCaller(), "", "main");
  ASSERT_THAT(cache_.FindLayer(*scope, HashAs<RecipeHash>("x")),
              testing::StatusIs(absl::StatusCode::kNotFound));
  calls_.Begin("GetLayer");
  calls_.End("GetLayer", absl::StatusCode::kNotFound, std::chrono::milliseconds(10));
  calls_.Begin("ReadBlobs");
  const std::string page = HttpGet((*metrics)->port(), "/metrics");
  EXPECT_THAT(page, HasSubstr("200 OK"));
  EXPECT_THAT(page, HasSubstr("\ndepcache_misses_total 1\n"));
  EXPECT_THAT(page, HasSubstr("\ndepcache_hits_total 0\n"));
  EXPECT_THAT(page, HasSubstr("\ndepcache_layers 0\n"));
  EXPECT_THAT(page, HasSubstr("\ndepcache_streams_under_way 1\n"));
  EXPECT_THAT(page, HasSubstr("# TYPE depcache_call_seconds histogram"));
  EXPECT_THAT(page,
              HasSubstr("depcache_call_seconds_count{method=\"GetLayer\",code=\"NOT_FOUND\"} 1"));
  EXPECT_THAT(page, HasSubstr("code=\"NOT_FOUND\",le=\"0.005\"} 0"));
  EXPECT_THAT(page, HasSubstr("code=\"NOT_FOUND\",le=\"0.02\"} 1"));
  EXPECT_THAT(page, HasSubstr("code=\"NOT_FOUND\",le=\"+Inf\"} 1"));
  EXPECT_THAT(HttpGet((*metrics)->port(), "/"), Not(HasSubstr("depcache_")));
}

TEST_F(MetricsTest, EndsWithItsListener) {
  auto metrics = MetricsListener::Start("127.0.0.1:0", cache_, calls_);
  ASSERT_THAT(metrics, testing::IsOk());
  const int port = (*metrics)->port();
  EXPECT_NE(HttpGet(port, "/metrics"), "");
  metrics->reset();
  EXPECT_EQ(HttpGet(port, "/metrics"), "");
}

TEST_F(MetricsTest, ATakenAddressIsAnError) {
  const auto metrics = MetricsListener::Start("127.0.0.1:0", cache_, calls_);
  ASSERT_THAT(metrics, testing::IsOk());
  const std::string taken = "127.0.0.1:" + std::to_string((*metrics)->port());
  EXPECT_THAT(MetricsListener::Start(taken, cache_, calls_),
              testing::StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace depcache::server
