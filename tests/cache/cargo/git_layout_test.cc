#include "cache/cargo/git_layout.h"

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;

const std::string kCommit = "0123456789abcdef0123456789abcdef01234567";

TEST(GitLayoutTest, ASourceIsAPlaceAndACommit) {
  const auto git = ParseGitSource("git+https://example.com/x.git?branch=a%2Fb#" + kCommit);
  ASSERT_THAT(git, IsOk());
  EXPECT_EQ(git->url, "https://example.com/x.git");
  EXPECT_EQ(git->query, "branch=a%2Fb");
  EXPECT_EQ(git->commit, kCommit);
  EXPECT_EQ(git->Unlocked(), "git+https://example.com/x.git?branch=a%2Fb");
  EXPECT_EQ(ParseGitSource("git+file:///srv/x#" + kCommit)->Unlocked(), "git+file:///srv/x");
}

TEST(GitLayoutTest, WithoutACommitItIsNoSourceOfAnything) {
  for (const std::string& source :
       {std::string("git+https://h/x"), std::string("git+https://h/x#"),
        std::string("git+https://h/x#main"), "git+https://h/x#" + kCommit.substr(1),
        "git+https://h/x#" + kCommit + "0", "git+https://h/x#X" + kCommit.substr(1),
        "registry+https://h/x#" + kCommit}) {
    EXPECT_THAT(ParseGitSource(source), StatusIs(absl::StatusCode::kInvalidArgument)) << source;
  }
}

// Recorded from Cargo 1.95.0.
TEST(GitLayoutTest, RepositoriesAreNamedAsCargoNamesThem) {
  EXPECT_THAT(GitDirName("file:///tmp/srv-dep"), IsOkAndHolds("srv-dep-9d6d759e821c882e"));
  EXPECT_THAT(GitDirName("file:///home/ci/repos/gdep"), IsOkAndHolds("gdep-11fca549dca6a526"));
  // Spellings of one place are one repository.
  EXPECT_EQ(*GitDirName("https://github.com/A/B.git"), *GitDirName("https://github.com/a/b/"));
  EXPECT_NE(*GitDirName("https://example.com/A/B"), *GitDirName("https://example.com/a/b"));
}

TEST(GitLayoutTest, ANameThatIsNoSafeFolderIsRefused) {
  for (const std::string& url : {std::string("h/x"), std::string("https://h/a\\b"),
                                 "https://h/" + std::string(300, 'a'), std::string("https://h/a b")}) {
    EXPECT_THAT(GitDirName(url), StatusIs(absl::StatusCode::kInvalidArgument)) << url;
  }
  EXPECT_TRUE(GitDirName("https://h/..")->starts_with("..-"));
}

TEST(GitLayoutTest, AShortNameIsABeginningOfTheCommit) {
  EXPECT_TRUE(IsShortOf("0123456", kCommit));
  EXPECT_TRUE(IsShortOf(kCommit, kCommit));
  EXPECT_FALSE(IsShortOf("012", kCommit));
  EXPECT_FALSE(IsShortOf("0123457", kCommit));
  EXPECT_FALSE(IsShortOf(kCommit + "0", kCommit));
}

TEST(GitLayoutTest, TheNameOnTheServerIsTheHashOfTheSource) {
  // printf 'depcache.git-source.v1\ngit+https://h/x#1' | sha256sum
  EXPECT_EQ(GitSourceChecksum("git+https://h/x#1"),
            "fd2e8c0b808ddc62228c3f5aebdb069805b070dafa1213495371633cad1c17d9");
}

}  // namespace
}  // namespace depcache
