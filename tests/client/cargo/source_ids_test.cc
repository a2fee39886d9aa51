#include "client/cargo/source_ids.h"

#include "cache/cargo/git_layout.h"
#include "cache/cargo/registry_layout.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;

TEST(SourceIdsTest, OneForAllPackagesOfACommit) {
  const std::string commit(40, 'a');
  const std::string source = "git+https://h/owner/x-y.git?tag=v1#" + commit;
  const absl::StatusOr<PackageId> id = GitSourceId(source);
  ASSERT_THAT(id, IsOk());
  EXPECT_EQ(*id, (PackageId{"x-y", commit, source, GitSourceChecksum(source)}));
  EXPECT_THAT(GitSourceId("git+https://h/x"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SourceIdsTest, OneForTheConfigurationOfARegistry) {
  const std::string source = "sparse+https://my.example/index/";
  const absl::StatusOr<PackageId> id = RegistryConfigId(source);
  ASSERT_THAT(id, IsOk());
  EXPECT_EQ(*id, (PackageId{*RegistryDirName(source), "config.json", source,
                            RegistryConfigChecksum(source)}));
  EXPECT_THAT(RegistryConfigId("git+https://h/x"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache::client
