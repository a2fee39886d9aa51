#include "client/cargo/git_program.h"

#include "cache/base/status.h"
#include "tests/support/git_repository.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::GitRepository;
using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(GitProgramTest, ReadsACommit) {
  const TestFolder folder;
  GitRepository repository(folder / "repo");
  const std::string commit = repository.Git({"rev-parse", "HEAD"}).substr(0, 40);
  PosixProcessRunner processes;
  const absl::StatusOr<std::string> bytes =
      ReadGitCommit(processes, folder / "repo/.git", commit);
  ASSERT_THAT(bytes, IsOk());
  EXPECT_THAT(*bytes, StartsWith("tree "));
}

TEST(GitProgramTest, AReplacementThatTheUserMadeIsNotTheCommit) {
  const TestFolder folder;
  GitRepository repository(folder / "repo");
  const std::string commit = repository.Git({"rev-parse", "HEAD"}).substr(0, 40);
  repository.Put("src/lib.rs", "edited");
  repository.Git({"replace", commit, repository.Commit()});
  PosixProcessRunner processes;
  EXPECT_THAT(ReadGitCommit(processes, folder / "repo/.git", commit), IsOk());
}

TEST(GitProgramTest, ACommitThatIsNotThereIsSaid) {
  const TestFolder folder;
  GitRepository repository(folder / "repo");
  PosixProcessRunner processes;
  EXPECT_THAT(ReadGitCommit(processes, folder / "repo/.git", std::string(40, 'a')),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(ReadGitCommit(processes, folder / "nothing", std::string(40, 'a')),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

class NoGit final : public ProcessRunner {
 public:
  absl::StatusOr<ProcessResult> Run(const ProcessCommand&) override { return NotFound("git"); }
  absl::StatusOr<int> Stream(const ProcessCommand&, const ProcessSinks&) override { return 1; }
};

TEST(GitProgramTest, WithoutTheProgramTheReasonNamesIt) {
  NoGit processes;
  const absl::StatusOr<std::string> bytes = ReadGitCommit(processes, "/x", std::string(40, 'a'));
  EXPECT_THAT(bytes, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(bytes.status().ToString(), HasSubstr("git is installed"));
}

}  // namespace
}  // namespace depcache::client
