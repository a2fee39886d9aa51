#include "client/go/list_packages.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "tests/client/go/go_machine.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::GoTestMachine;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;

TEST(ListPackagesTest, DependenciesComeFirst) {
  GoTestMachine go;
  go.folder.Write("app/go.mod", "module x.org/app\n\ngo 1.19\n");
  go.folder.Write("app/own.go", "package app\n\nimport \"errors\"\n");
  const auto setup = ReadGoSetup(go.machine.context, go.folder / "app", "");
  ASSERT_TRUE(setup.ok());
  const auto listed = ListPackages(go.machine.context, *setup, go.folder / "app",
                                   {"errors", "x.org/app"}, /*with_build_ids=*/false);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_GT(listed->size(), 3U);
  bool has_errors = false;
  for (std::size_t i = 0; i < listed->size(); ++i) {
    const ListedPackage& entry = (*listed)[i];
    EXPECT_NE(entry.package.import_path, "x.org/app") << "our own";
    EXPECT_NE(entry.package.import_path, "unsafe");
    EXPECT_EQ(entry.package.module.version, "std");
    EXPECT_EQ(entry.build_id, "");
    for (const std::size_t import : entry.imports) EXPECT_LT(import, i);
    if (entry.package.import_path != "errors") continue;
    has_errors = true;
    ASSERT_EQ(entry.imports.size(), 1U);
    EXPECT_EQ((*listed)[entry.imports[0]].package.import_path, "internal/reflectlite");
  }
  EXPECT_TRUE(has_errors);
}

TEST(ListPackagesTest, AnUnknownPackageIsAnError) {
  GoTestMachine go;
  go.folder.Write("app/go.mod", "module x.org/app\n\ngo 1.19\n");
  const auto setup = ReadGoSetup(go.machine.context, go.folder / "app", "");
  ASSERT_TRUE(setup.ok());
  EXPECT_THAT(
      ListPackages(go.machine.context, *setup, go.folder / "app", {"no.such/package"}, false),
      StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(ListPackagesTest, LinkersTakeMoreThanIsImported) {
  GoEnvironment environment;
  EXPECT_THAT(LinkedAlways(environment), ElementsAre("runtime"));
  environment.env["CGO_ENABLED"] = "1";
  environment.flags.flags = {"-race", "--msan=true", "-asan=false"};
  EXPECT_THAT(LinkedAlways(environment),
              ElementsAre("runtime", "runtime/cgo", "runtime/race", "runtime/msan"));
}

}  // namespace
}  // namespace depcache::client
