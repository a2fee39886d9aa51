#include "client/cargo/git_source_id.h"

#include "cache/cargo/git_layout.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;

TEST(GitSourceIdTest, OneForAllPackagesOfACommit) {
  const std::string commit(40, 'a');
  const std::string source = "git+https://h/owner/x-y.git?tag=v1#" + commit;
  const absl::StatusOr<PackageId> id = GitSourceId(source);
  ASSERT_THAT(id, IsOk());
  EXPECT_EQ(*id, (PackageId{"x-y", commit, source, GitSourceChecksum(source)}));
  EXPECT_THAT(GitSourceId("git+https://h/x"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache::client
