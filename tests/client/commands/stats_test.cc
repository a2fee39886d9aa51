#include <nlohmann/json.hpp>

#include "tests/client/commands/run_command.h"
#include "tests/support/fake_admin.h"

namespace depcache::client {
namespace {

using ::testing::HasSubstr;

class StatsTest : public CommandTest {
 protected:
  StatsTest() {
    context_.context.config.server = "cache.example";
    context_.context.open_admin =
        [this](const ClientConfig&) -> absl::StatusOr<std::unique_ptr<RemoteAdmin>> {
      return std::make_unique<testing::SharedAdmin>(admin_);
    };
  }
  testing::FakeAdmin admin_;
};

TEST_F(StatsTest, EveryFigureIsInTheJson) {
  admin_.stats = {"9.9.9", 1, 2, 3, 4, 5, 6.5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  ASSERT_EQ(Run({"stats", "--json"}), 0);
  EXPECT_EQ(nlohmann::json::parse(context_.terminal.out),
            nlohmann::json::parse(R"({"server_version": "9.9.9", "hits": 1, "partial_hits": 2,
                "misses": 3, "bytes_served": 4, "bytes_received": 5, "compile_seconds_saved": 6.5,
                "layers": 7, "units": 8, "disk_bytes": 9, "max_disk_bytes": 10, "evictions": 11,
                "evicted_bytes": 12, "uptime_seconds": 13, "streams_under_way": 14,
                "unit_reports": 15, "suspended_units": 16})"));
}

TEST_F(StatsTest, PeopleReadUnits) {
  admin_.stats.hits = 41;
  admin_.stats.misses = 7;
  admin_.stats.bytes_served = 3 << 20;
  admin_.stats.compile_seconds_saved = 200;
  ASSERT_EQ(Run({"stats"}), 0);
  EXPECT_THAT(context_.terminal.out, HasSubstr("41 hits, 7 misses"));
  EXPECT_THAT(context_.terminal.out, HasSubstr("3.0 MiB"));
  EXPECT_THAT(context_.terminal.out, HasSubstr("3 min 20 s"));
}

TEST_F(StatsTest, ExitCodesTellWhatIsMissing) {
  admin_.broken = PermissionDenied("ci has no admin right on this server");
  EXPECT_EQ(Run({"stats"}), 1);
  EXPECT_THAT(context_.terminal.err, HasSubstr("admin right"));
  admin_.broken = Unavailable("no connection");
  EXPECT_EQ(Run({"stats"}), 4);
  context_.context.config.server.clear();
  EXPECT_EQ(Run({"stats"}), 4);
  EXPECT_THAT(context_.terminal.err, HasSubstr("DEPCACHE_SERVER"));
  EXPECT_EQ(context_.terminal.out, "");
}

}  // namespace
}  // namespace depcache::client
