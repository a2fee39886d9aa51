#include "cache/recipe/lockfile_prune.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/recipe/workspaces.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::Locked;
using ::depcache::testing::LockText;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string RegistryReference(std::string_view name_and_version) {
  return std::string(name_and_version) + " (" + std::string(testing::kRegistry) + ")";
}

TEST(LockfilePruneTest, OnlyWhatTheRootsReachStays) {
  const std::string text = LockText({
                               Locked("a", "1.0.0", {"b", "x 1.0.0"}, ""),
                               Locked("b", "1.0.0", {"c"}),
                               Locked("c", "1.0.0", {"b"}),  // dev-dependencies may make circles
                               Locked("d", "1.0.0", {"b", "x 2.0.0"}, ""),
                               Locked("x", "1.0.0"),
                               Locked("x", "2.0.0"),
                           }) +
                           "\n[[patch.unused]]\nname = \"spare\"\nversion = \"1.0.0\"\n";
  const absl::StatusOr<Lockfile> lock = ParseLockfile(text);
  ASSERT_THAT(lock, IsOk());
  const absl::StatusOr<Lockfile> pruned = PruneLockfile(*lock, {"a"});
  ASSERT_THAT(pruned, IsOk());
  // One "x" is left, so the name alone says which.
  EXPECT_EQ(PrintLockfile(*pruned), LockText({
                                        Locked("a", "1.0.0", {"b", "x"}, ""),
                                        Locked("b", "1.0.0", {"c"}),
                                        Locked("c", "1.0.0", {"b"}),
                                        Locked("x", "1.0.0"),
                                    }));
}

TEST(LockfilePruneTest, ARegistryPackageWithTheNameOfARootIsNoRoot) {
  const absl::StatusOr<Lockfile> lock = ParseLockfile(LockText({
      Locked("either", "0.1.0", {"a"}, ""),
      Locked("either", "1.9.0", {"b"}),
      Locked("a", "1.0.0"),
      Locked("b", "1.0.0"),
  }));
  ASSERT_THAT(lock, IsOk());
  EXPECT_EQ(PrintLockfile(*PruneLockfile(*lock, {"either"})),
            LockText({Locked("a", "1.0.0"), Locked("either", "0.1.0", {"a"}, "")}));
  const absl::Status status = PruneLockfile(*lock, {"a"}).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(status.ToString(), HasSubstr("`a`"));
}

TEST(LockfilePruneTest, AReplacedPackageKeepsItsReplacement) {
  const std::string replaced = "\n[[package]]\nname = \"old\"\nversion = \"0.1.0\"\nsource = \"" +
                               std::string(testing::kRegistry) + "\"\nreplace = \"old 0.1.0\"\n";
  const std::string text = LockText({Locked("a", "1.0.0", {RegistryReference("old 0.1.0")}, ""),
                                     Locked("old", "0.1.0", {}, ""), replaced});
  const absl::StatusOr<Lockfile> lock = ParseLockfile(text);
  ASSERT_THAT(lock, IsOk());
  EXPECT_EQ(PrintLockfile(*PruneLockfile(*lock, {"a"})), text);
}

TEST(LockfilePruneTest, OnlyLocalVersionsAreMasked) {
  absl::StatusOr<Lockfile> lock = ParseLockfile(LockText({
      Locked("either", "5.5.5", {}, ""),
      Locked("either", "1.9.0"),
      Locked("itertools", "0.12.0", {"either 1.9.0"}),
      Locked("kept", "3.0.0", {"either 5.5.5"}, ""),
  }));
  ASSERT_THAT(lock, IsOk());
  MaskLocalVersions(*lock, "0.0.1", {"kept"});
  EXPECT_EQ(PrintLockfile(*lock), LockText({
                                      Locked("either", "0.0.1", {}, ""),
                                      Locked("either", "1.9.0"),
                                      Locked("itertools", "0.12.0", {"either 1.9.0"}),
                                      Locked("kept", "3.0.0", {"either 0.0.1"}, ""),
                                  }));
}

TEST(LockfilePruneTest, AMaskedVersionThatARegistryPackageHasToo) {
  absl::StatusOr<Lockfile> lock = ParseLockfile(LockText({
      Locked("app", "1.0.0", {"twin 0.0.1", "twin 9.0.0"}, ""),
      Locked("twin", "0.0.1"),
      Locked("twin", "9.0.0", {}, ""),
  }));
  ASSERT_THAT(lock, IsOk());
  MaskLocalVersions(*lock, "0.0.1", {});
  const std::string text = PrintLockfile(*lock);
  EXPECT_EQ(text, LockText({
                      Locked("app", "0.0.1", {"twin 0.0.1", RegistryReference("twin 0.0.1")}, ""),
                      Locked("twin", "0.0.1", {}, ""),
                      Locked("twin", "0.0.1"),
                  }));
  EXPECT_EQ(PrintLockfile(*ParseLockfile(text)), text);
}

TEST(LockfilePruneTest, NamesOfSeveralLocalPackagesAreFound) {
  const absl::StatusOr<Lockfile> lock = ParseLockfile(
      LockText({Locked("one", "1.0.0", {}, ""), Locked("one", "2.0.0", {}, ""),
                Locked("one", "3.0.0"), Locked("two", "1.0.0", {}, ""), Locked("two", "2.0.0")}));
  ASSERT_THAT(lock, IsOk());
  EXPECT_THAT(RepeatedLocalNames(*lock), ElementsAre("one"));
  EXPECT_THAT(RepeatedLocalNames(Lockfile()), IsEmpty());
}

}  // namespace
}  // namespace depcache
