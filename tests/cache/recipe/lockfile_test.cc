#include "cache/recipe/lockfile.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/recipe/workspaces.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::Colony;
using ::depcache::testing::IsOk;
using ::depcache::testing::Locked;
using ::depcache::testing::LockText;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kGitSource =
    "git+https://example.com/either?branch=next#0123456789012345678901234567890123456789";
constexpr std::string_view kGitReference = "git+https://example.com/either?branch=next";

// All spellings of a dependency, a local package with a registry package's
// name, a replaced package, and a patch that is not used.
std::string LockWithEverything() {
  std::string text = LockText({
      Locked("app", "0.1.0",
             {"either 0.1.0", "either 1.9.0 (" + std::string(kGitReference) + ")",
              "either 1.9.0 (" + std::string(testing::kRegistry) + ")", "old", "unique"},
             ""),
      Locked("either", "0.1.0", {}, ""),
      Locked("either", "1.9.0", {}, kGitSource),
      Locked("either", "1.9.0"),
      Locked("either", "1.10.0"),
      "\n[[package]]\nname = \"old\"\nversion = \"0.1.0\"\nsource = \"" +
          std::string(testing::kRegistry) + "\"\nreplace = \"unique\"\n",
      Locked("unique", "2.0.0", {"either 1.10.0"}),
  });
  return text + "\n[[patch.unused]]\nname = \"spare\"\nversion = \"1.0.0\"\n";
}

TEST(LockfileTest, WhatCargoWroteIsWrittenAgainByteForByte) {
  for (const std::string& text : {LockWithEverything(), *Colony().lock}) {
    const absl::StatusOr<Lockfile> lock = ParseLockfile(text);
    ASSERT_THAT(lock, IsOk());
    EXPECT_EQ(PrintLockfile(*lock), text);
  }
}

TEST(LockfileTest, DependenciesAreFoundInAllThreeSpellings) {
  const absl::StatusOr<Lockfile> lock = ParseLockfile(LockWithEverything());
  ASSERT_THAT(lock, IsOk());
  ASSERT_EQ(lock->packages.size(), 7U);
  EXPECT_THAT(lock->packages[0].dependencies, ElementsAre(1, 2, 3, 5, 6));
  EXPECT_EQ(lock->packages[2].source, kGitSource);
  EXPECT_EQ(lock->packages[5].replacement, 6U);
  EXPECT_THAT(lock->packages[6].dependencies, ElementsAre(4));
  ASSERT_EQ(lock->unused_patches.size(), 1U);
  EXPECT_EQ(lock->unused_patches[0].name, "spare");
}

TEST(LockfileTest, WithoutASourceALocalPackageIsMeant) {
  const absl::StatusOr<Lockfile> lock = ParseLockfile(LockText({
      Locked("app", "1.0.0", {"twin 1.0.0", "twin 1.0.0 (" + std::string(testing::kRegistry) + ")"},
             ""),
      Locked("twin", "1.0.0", {}, ""),
      Locked("twin", "1.0.0"),
  }));
  ASSERT_THAT(lock, IsOk());
  EXPECT_TRUE(lock->packages[1].IsLocal());
  EXPECT_THAT(lock->packages[0].dependencies, ElementsAre(1, 2));
}

TEST(LockfileTest, OrderAndFormOfTheTextDoNotMatter) {
  const std::string a = Locked("a", "1.0.0", {"b", "c"});
  const std::string b = Locked("b", "1.0.0");
  const std::string c = Locked("c", "0.1.0", {"b"}, "");
  const std::string reordered =
      "version=4\n# comment\n" + c + b +
      "[[package]]\ndependencies=['c','b','b']\nversion=\"1.0.0\"\n" +
      a.substr(a.find("source"), a.find("dependencies") - a.find("source")) + "name=\"a\"\n";
  EXPECT_EQ(PrintLockfile(*ParseLockfile(reordered)), LockText({a, b, c}));
}

TEST(LockfileTest, Format3IsReadAndKept) {
  std::string text = LockText({Locked("a", "1.0.0")});
  testing::Replace(text, "version = 4", "version = 3");
  const absl::StatusOr<Lockfile> lock = ParseLockfile(text);
  ASSERT_THAT(lock, IsOk());
  EXPECT_EQ(lock->format, 3);
  EXPECT_EQ(PrintLockfile(*lock), text);
}

TEST(LockfileTest, OtherFormatsAreNamed) {
  for (const std::string_view version : {"", "version = 1\n", "version = 2\n"}) {
    const absl::Status status = ParseLockfile(version).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(status.ToString(), HasSubstr("cargo generate-lockfile"));
  }
  const absl::Status status = ParseLockfile("version = 5\n").status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(status.ToString(), HasSubstr("format version 5"));
}

TEST(LockfileTest, WhatCannotBeALockIsRefused) {
  const std::string a = Locked("a", "1.0.0");
  for (const std::string& text : {
           LockText({a, a}),
           LockText({Locked("b", "1.0.0", {"missing"})}),
           LockText({Locked("b", "1.0.0", {"a 2.0.0"}), a}),
           LockText({Locked("b", "1.0.0", {"a 1.0.0 (git+https://x)"}), a}),
           LockText({Locked("b", "1.0.0", {"a"}), a, Locked("a", "2.0.0")}),
           LockText({Locked("", "1.0.0")}),
           LockText({Locked("a b", "1.0.0")}),
           std::string("version = \"4\"\n"),
           std::string("version = 4\npackage = [1]\n"),
           std::string("not toml"),
       }) {
    EXPECT_THAT(ParseLockfile(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(LockfileTest, TooManyPackagesAreRefused) {
  std::string text = "version = 4\n";
  for (std::size_t i = 0; i <= kMaxLockedPackages; ++i) {
    text += "[[package]]\nname='p" + std::to_string(i) + "'\nversion='1.0.0'\n";
  }
  EXPECT_THAT(ParseLockfile(text), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(LockfileTest, LinesNameEachPackageAndItsDependencies) {
  const absl::StatusOr<Lockfile> lock = ParseLockfile(LockText({
      "\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\nchecksum = "
      "\"77\"\n"
      "dependencies = [\"b 0.2.0\", \"b 0.10.0\"]\n",
      Locked("b", "0.10.0", {}, ""),
      Locked("b", "0.2.0", {}, "git+y#12"),
  }));
  ASSERT_THAT(lock, IsOk());
  EXPECT_THAT(LockLines(*lock), ElementsAre("a 1.0.0 registry+x 77: b 0.10.0, b 0.2.0",
                                            "b 0.2.0 git+y#12", "b 0.10.0"));
}

}  // namespace
}  // namespace depcache
