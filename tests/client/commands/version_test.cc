#include "tests/client/commands/run_command.h"
#include "tests/support/fake_remote.h"

namespace depcache::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class VersionTest : public CommandTest {};

TEST_F(VersionTest, WithoutAServerOnlyOurOwn) {
  EXPECT_EQ(Run({"version"}), 0);
  EXPECT_TRUE(context_.terminal.out.starts_with("depcache-client ")) << context_.terminal.out;
  EXPECT_THAT(context_.terminal.out, Not(HasSubstr("depcache-server")));
}

TEST_F(VersionTest, WithAServerItsOwnToo) {
  context_.context.config.server = "cache.example";
  context_.context.open_remote =
      [](const ClientConfig&) -> absl::StatusOr<std::unique_ptr<RemoteCache>> {
    return std::make_unique<testing::FakeRemote>();
  };
  EXPECT_EQ(Run({"version"}), 0);
  EXPECT_THAT(context_.terminal.out, HasSubstr("depcache-server 9.9.9 at cache.example\n"));
}

TEST_F(VersionTest, AServerThatDoesNotAnswerIsNoFailure) {
  context_.context.config.server = "cache.example";
  EXPECT_EQ(Run({"version"}), 0);
  EXPECT_THAT(context_.terminal.out, HasSubstr("depcache-server: no server in this test\n"));
}

}  // namespace
}  // namespace depcache::client
