#include "cache/cargo/git_snapshot.h"

#include <map>

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class GitSnapshotTest : public ::testing::Test {
 protected:
  GitSnapshotTest() {
    const std::string file = Keep(GitKind::kBlob, "fn a() {}\n");
    const std::string src =
        Keep(GitKind::kTree, PrintTree({{"100644", "lib.rs", file}, {"100755", "run.sh", file}}));
    root_ = Keep(GitKind::kTree,
                 PrintTree({{"40000", "src", src}, {"120000", "link", Keep(GitKind::kBlob, "src")}}));
    commit_ = Commit(root_);
  }
  std::string Keep(GitKind kind, const std::string& bytes) {
    std::string id = GitObjectId(kind, bytes);
    objects_[id] = bytes;
    return id;
  }
  std::string Commit(const std::string& tree) {
    return Keep(GitKind::kCommit, "tree " + tree + "\nauthor a <a@b> 0 +0000\n\nwhy\n");
  }
  absl::StatusOr<std::string> Encoded(const std::string& commit) {
    return EncodeSnapshot(commit,
                          [&](GitKind, const std::string& id) -> absl::StatusOr<std::string_view> {
                            return objects_.at(id);
                          });
  }
  void ExpectRefused(const std::string& bytes, const std::string& commit) {
    EXPECT_THAT(DecodeSnapshot(bytes, commit), StatusIs(absl::StatusCode::kInvalidArgument));
  }

  std::map<std::string, std::string> objects_;
  std::string root_;
  std::string commit_;
};

// `git hash-object`, and `printf '' | git hash-object -t tree --stdin`.
TEST_F(GitSnapshotTest, IdsAreThoseOfGit) {
  EXPECT_EQ(GitObjectId(GitKind::kBlob, ""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  EXPECT_EQ(GitObjectId(GitKind::kTree, ""), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
}

TEST_F(GitSnapshotTest, AFolderSortsAsIfItsNameEndedInASlash) {
  const std::string id(40, '1');
  const auto entries = ParseTree(
      PrintTree({{"40000", "a", id}, {"100644", "a-b", id}, {"100644", "a.b", id}}));
  ASSERT_THAT(entries, IsOk());
  EXPECT_EQ((*entries)[0].name, "a-b");
  EXPECT_EQ((*entries)[1].name, "a.b");
  EXPECT_EQ((*entries)[2].name, "a");
}

TEST_F(GitSnapshotTest, AllOfACommitOnceAndInOneOrder) {
  const absl::StatusOr<std::string> bytes = Encoded(commit_);
  ASSERT_THAT(bytes, IsOk());
  const auto objects = DecodeSnapshot(*bytes, commit_);
  ASSERT_THAT(objects, IsOk());
  // Two files of equal bytes are one object.
  ASSERT_THAT(*objects, SizeIs(5));
  EXPECT_EQ((*objects)[0].id, commit_);
  EXPECT_EQ((*objects)[1].id, root_);
  for (const GitObject& object : *objects) EXPECT_EQ(object.bytes, objects_.at(object.id));
}

TEST_F(GitSnapshotTest, AnotherCommitThanTheLocksIsRefused) {
  ExpectRefused(*Encoded(commit_), std::string(40, 'a'));
  const std::string other = Commit(Keep(GitKind::kTree, ""));
  ExpectRefused(*Encoded(other), commit_);
}

// Every byte counts: no change goes unseen.
TEST_F(GitSnapshotTest, AnyChangedByteIsRefused) {
  const std::string good = *Encoded(commit_);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(DecodeSnapshot(bad, commit_).ok()) << i;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(DecodeSnapshot(good.substr(0, size), commit_).ok()) << size;
  }
  ExpectRefused(good + '\3' + std::string(4, '\0'), commit_);
}

TEST_F(GitSnapshotTest, SubmodulesAndUnusableNamesAreRefused) {
  const std::string id(40, '1');
  EXPECT_THAT(ParseTree(PrintTree({{"160000", "sub", id}})).status().ToString(),
              HasSubstr("sub is a submodule"));
  EXPECT_FALSE(ParseTree(PrintTree({{"100664", "old", id}})).ok());
  for (const char* name : {"", ".", "..", ".git", ".GiT", "a/b"}) {
    EXPECT_FALSE(ParseTree(PrintTree({{"100644", name, id}})).ok()) << name;
  }
  ExpectRefused(*EncodeSnapshot(commit_, [&](GitKind, const std::string& i) {
    return absl::StatusOr<std::string_view>(objects_.at(i));
  }) + "x", commit_);
}

TEST_F(GitSnapshotTest, MalformedTreesAndCommitsAreRefused) {
  EXPECT_FALSE(ParseTree("100644 a").ok());
  EXPECT_FALSE(ParseTree(std::string("100644 a\0short", 14)).ok());
  EXPECT_FALSE(ParseTree(std::string(30, '\0')).ok());
  for (const char* bytes : {"", "tree", "tree 12\n", "parent x\ntree y\n"}) {
    EXPECT_FALSE(TreeOfCommit(bytes).ok()) << bytes;
  }
}

TEST_F(GitSnapshotTest, WhatIsNotWhatItsNameSaysIsNotEncoded) {
  objects_[root_] += std::string("100644 more\0", 12) + std::string(20, 'x');
  EXPECT_THAT(Encoded(commit_), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache
