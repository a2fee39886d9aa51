#include "client/go/go_checkout.h"

#include <gmock/gmock.h>

#include "tests/client/go/go_machine.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::GoTestMachine;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<GoSkeleton> Read(GoTestMachine& go, const std::string& tags = "") {
  absl::StatusOr<GoSetup> setup = ReadGoSetup(go.machine.context, go.folder / "app", tags);
  if (!setup.ok()) return setup.status();
  return ReadGoCheckout(go.machine.context, *setup);
}

// No module has been downloaded, and none can be.
TEST(GoCheckoutTest, ImportsAreReadFromSourcesAlone) {
  GoTestMachine go;
  go.folder.Write("app/go.mod",
                  "module x.org/app\n\ngo 1.19\n\nrequire (\n\ta.com/b v1.0.0\n"
                  "\tx.org/app/sub v1.0.0\n)\n");
  go.folder.Write("app/main.go",
                  "package main\n\nimport (\n\t\"fmt\"\n\t\"unsafe\"\n\n\t\"a.com/b/c\"\n"
                  "\t\"x.org/app/own\"\n\t\"x.org/app/sub/x\"\n)\n");
  go.folder.Write("app/own/own.go", "package own\n\nimport \"net/http\"\n");
  go.folder.Write("app/own/own_test.go", "package own\n\nimport \"testing\"\n");
  go.folder.Write("app/own/tagged.go", "//go:build special\n\npackage own\n\nimport \"bytes\"\n");
  const auto skeleton = Read(go);
  ASSERT_TRUE(skeleton.ok()) << skeleton.status();
  EXPECT_THAT(skeleton->imports, ElementsAre("a.com/b/c", "fmt", "net/http", "x.org/app/sub/x"))
      << "of two modules the longer path is the one a package belongs to";
  const auto tagged = Read(go, "special");
  ASSERT_TRUE(tagged.ok());
  EXPECT_THAT(tagged->imports, ::testing::Contains("bytes"));
}

TEST(GoCheckoutTest, AWorkspaceHasAllItsModules) {
  GoTestMachine go;
  go.folder.Write("app/go.work", "go 1.19\nuse (\n ./a\n ./b\n)\n");
  go.folder.Write("app/a/go.mod",
                  "module x.org/a\ngo 1.19\nrequire x.org/c v0.0.0\nrequire a.com/b v1.0.0\n"
                  "replace x.org/c => ../c\n");
  go.folder.Write("app/a/a.go", "package a\n\nimport (\n\t\"x.org/b\"\n\t\"x.org/c\"\n)\n");
  go.folder.Write("app/b/go.mod", "module x.org/b\ngo 1.19\n");
  go.folder.Write("app/b/b.go", "package b\n\nimport \"sort\"\n");
  go.folder.Write("app/c/go.mod", "module x.org/c\ngo 1.19\n");
  go.folder.Write("app/c/c.go", "package c\n\nimport \"bytes\"\n");
  const auto skeleton = Read(go);
  ASSERT_TRUE(skeleton.ok()) << skeleton.status();
  std::vector<std::string> folders;
  for (const GoLocalModule& module : skeleton->modules) folders.push_back(module.folder);
  EXPECT_THAT(folders, ElementsAre("a", "b", "c"));
  EXPECT_THAT(skeleton->imports, ElementsAre("bytes", "sort"));

  const TestFolder elsewhere;
  ASSERT_TRUE(WriteGoSkeleton(*skeleton, elsewhere.path()).ok());
  EXPECT_TRUE(elsewhere.Has("go.work"));
  EXPECT_TRUE(elsewhere.Has("c/go.mod"));
}

TEST(GoCheckoutTest, AVendorFolderCountsUnlessGoPassesItBy) {
  GoTestMachine go;
  go.folder.Write("app/go.mod", "module x.org/app\n\ngo 1.19\n");
  go.folder.Write("app/a.go", "package app\n");
  go.folder.Write("app/vendor/modules.txt", "# none\n");
  const auto vendored = Read(go);
  ASSERT_TRUE(vendored.ok()) << vendored.status();
  EXPECT_EQ(vendored->vendor, "# none\n");
  EXPECT_THAT(WriteGoSkeleton(*vendored, go.folder / "x"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  GoTestMachine::Set("GOFLAGS", "-mod=mod");
  const auto fetched = Read(go);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(fetched->vendor, "");
}

TEST(GoCheckoutTest, WhatLiesOutsideIsNamed) {
  GoTestMachine go;
  go.folder.Write("app/go.mod",
                  "module x.org/app\nrequire x.org/c v0.0.0\nreplace x.org/c => ../c\n");
  go.folder.Write("c/go.mod", "module x.org/c\n");
  const auto skeleton = Read(go);
  EXPECT_THAT(skeleton, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(skeleton.status().message()), HasSubstr("../c"));
}

TEST(GoCheckoutTest, WithoutAGoModThereIsNothingToDo) {
  GoTestMachine go;
  EXPECT_THAT(Read(go), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace depcache::client
