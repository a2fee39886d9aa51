#include "client/go/go_tool.h"

#include <gmock/gmock.h>

#include "tests/client/go/go_machine.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::GoTestMachine;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::StartsWith;

TEST(GoToolTest, ReadsTheInstalledGo) {
  GoTestMachine go;
  const auto mod = go.folder.Write("app/go.mod", "module m\n");
  const auto setup = ReadGoSetup(go.machine.context, go.folder / "app", "");
  ASSERT_TRUE(setup.ok()) << setup.status();
  EXPECT_THAT(setup->environment.version, StartsWith("go1."));
  EXPECT_EQ(setup->environment.env.at("CGO_ENABLED"), "0");
  EXPECT_EQ(setup->environment.cc, "");
  EXPECT_EQ(setup->build_cache, go.folder / "build");
  EXPECT_EQ(setup->module_cache, go.folder / "mod");
  EXPECT_EQ(setup->mod_file, mod);
  EXPECT_EQ(setup->work_file, "");
}

TEST(GoToolTest, WithCgoTheCompilerIsAsked) {
  GoTestMachine go;
  GoTestMachine::Set("CGO_ENABLED", "1");
  const auto setup = ReadGoSetup(go.machine.context, go.folder / "app", "");
  ASSERT_TRUE(setup.ok()) << setup.status();
  EXPECT_NE(setup->environment.cc, "");
  EXPECT_EQ(setup->mod_file, "") << "there is no go.mod";
}

TEST(GoToolTest, AWorkFileIsFound) {
  GoTestMachine go;
  const auto work = go.folder.Write("go.work", "go 1.18\n");
  const auto setup = ReadGoSetup(go.machine.context, go.folder / "app", "");
  ASSERT_TRUE(setup.ok()) << setup.status();
  EXPECT_EQ(setup->work_file, work);
}

TEST(GoToolTest, TagsAreGivenToEveryCommand) {
  GoTestMachine go;
  GoTestMachine::Set("GOFLAGS", "-tags=x");
  const auto setup = ReadGoSetup(go.machine.context, go.folder / "app", "b,a");
  ASSERT_TRUE(setup.ok());
  EXPECT_THAT(setup->environment.flags.tags, ElementsAre("a", "b"));
  EXPECT_THAT(GoCommand(*setup, "/f", {"list", "-deps"}, {"./..."}).argv,
              ElementsAre("go", "list", "-deps", "-trimpath", "-tags=b,a", "./..."));
}

TEST(GoToolTest, WhatGoRefusesIsHandedOn) {
  GoTestMachine go;
  GoTestMachine::Set("GOFLAGS", "-overlay=x.json");
  EXPECT_THAT(ReadGoSetup(go.machine.context, go.folder / "app", ""),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(OutputOf(go.machine.context, {{"go", "nonsense"}, go.folder / "app", {}}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(GoToolTest, WithoutGoTheMessageSaysSo) {
  GoTestMachine go;
  const std::string path = std::getenv("PATH");
  GoTestMachine::Set("PATH", "/nowhere");
  const auto setup = ReadGoSetup(go.machine.context, go.folder / "app", "");
  GoTestMachine::Set("PATH", path);
  EXPECT_THAT(setup, StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace depcache::client
