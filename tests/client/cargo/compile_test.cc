#include "client/cargo/compile.h"

#include "client/cargo/plan_build.h"
#include "tests/client/cargo/cargo_fixture.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Cargo fails for what is refused, and for nothing else.
MATCHER(OnlyRefused, "") {
  *result_listener << "exit code " << arg.exit_code << ", only_refused " << arg.only_refused;
  return arg.exit_code == 101 && arg.only_refused;
}
MATCHER(ReallyFailed, "") { return arg.exit_code == 101 && !arg.only_refused; }

class CompileTest : public CargoWorkspace {
 protected:
  CompileRequest Request() const {
    return {"cargo", {"build", "--offline"}, folder_ / "w", {}, folders_, "", "", {}, {}, 0, false, false, {}};
  }
};

TEST_F(CompileTest, RefusedPackagesAreThoseOfThePlanWithSpacesInTheirFolders) {
  const auto plan =
      PlanBuild(context_.context, {"cargo", {"build"}, folder_ / "w", {}, folders_, 95});
  ASSERT_THAT(plan, IsOk());
  CompileRequest request = Request();
  AddRefused(*plan, {}, request);
  EXPECT_THAT(request.refused_names, ElementsAre("app", "helper", "util"));
  EXPECT_THAT(request.refused_dirs,
              ElementsAre(folder_ / "w/app", folder_ / "w/tools/helper crate", folder_ / "w/util"));
}

TEST_F(CompileTest, WhatOthersCompileIsRefusedWhereverItLiesInItsRepository) {
  UnitPlan plan;
  plan.units.resize(2);
  plan.units[0].package.name = "left";
  plan.units[0].package_root = "/git/checkouts/left";
  plan.units[1].package.name = "deep";
  plan.units[1].package_root = "/git/checkouts/many";
  plan.units[1].target.src_path = "/git/checkouts/many/deep/src/lib.rs";
  CompileRequest request = Request();
  AddRefused(plan, {false, true}, request);
  EXPECT_THAT(request.refused_names, ElementsAre("deep"));
  EXPECT_THAT(request.refused_dirs,
              ElementsAre("/git/checkouts/many", "/git/checkouts/many/deep",
                          "/git/checkouts/many/deep/src"));
}

TEST_F(CompileTest, MembersAreNotCompiledAndNothingIsSaidOfThem) {
  CompileRequest request = Request();
  request.refused_dirs = {folder_ / "w/util", folder_ / "w/app", folder_ / "w/tools/helper crate"};
  request.refused_names = {"app", "util", "helper"};
  EXPECT_THAT(CompileDependencies(context_.context, request), IsOkAndHolds(OnlyRefused()));
  EXPECT_FALSE(folder_.Has("w/target/debug/app"));
  EXPECT_THAT(context_.terminal.err, Not(HasSubstr("error")));
  EXPECT_THAT(context_.terminal.err, Not(HasSubstr("exit status")));
}

TEST_F(CompileTest, WhatIsNotRefusedIsCompiledAndItsPathsAreRemapped) {
  folder_.Write("w/util/src/lib.rs", "pub fn f() { panic!(\"never\") }\n");
  CompileRequest request = Request();
  request.refused_dirs = {folder_ / "w/app"};
  request.refused_names = {"app"};
  EXPECT_THAT(CompileDependencies(context_.context, request), IsOkAndHolds(OnlyRefused()));
  std::string rlib;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "w/target/debug/deps")) {
    const std::string name = entry.path().filename();
    if (name.starts_with("libutil-") && name.ends_with(".rlib")) {
      rlib = *ReadFile(entry.path(), 64 << 20);
    }
  }
  ASSERT_NE(rlib, "");
  EXPECT_THAT(rlib, Not(HasSubstr(folder_.path().native())));
}

TEST_F(CompileTest, ARealErrorIsShown) {
  folder_.Write("w/util/src/lib.rs", "pub fn f() { nothing() }\n");
  CompileRequest request = Request();
  request.refused_dirs = {folder_ / "w/app"};
  request.refused_names = {"app"};
  EXPECT_THAT(CompileDependencies(context_.context, request), IsOkAndHolds(ReallyFailed()));
  EXPECT_THAT(context_.terminal.err, HasSubstr("could not compile `util`"));
}

TEST_F(CompileTest, AWrapperInTheEnvironmentDoesNotTakeOurPlace) {
  ASSERT_EQ(setenv("RUSTC_WRAPPER", "/no/such/wrapper", 1), 0);
  CompileRequest request = Request();
  request.refused_dirs = {folder_ / "w/app"};
  request.refused_names = {"app"};
  const auto result = CompileDependencies(context_.context, request);
  unsetenv("RUSTC_WRAPPER");
  EXPECT_THAT(result, IsOkAndHolds(OnlyRefused()));
  EXPECT_THAT(context_.terminal.err, Not(HasSubstr("/no/such/wrapper")));
}

TEST_F(CompileTest, TheUsersWrapperRunsForEachCompileThatIsNotRefused) {
  const std::filesystem::path log = folder_ / "wrapped";
  CompileRequest request = Request();
  request.user_wrapper = folder_.Write(
      "wrap", "#!/bin/sh\necho \"$@\" >> '" + log.native() + "'\nexec \"$@\"\n", 0755);
  request.refused_dirs = {folder_ / "w/app"};
  request.refused_names = {"app"};
  ASSERT_THAT(CompileDependencies(context_.context, request), IsOk());
  EXPECT_THAT(folder_.Read("wrapped"), HasSubstr("--crate-name util"));
  EXPECT_THAT(folder_.Read("wrapped"), Not(HasSubstr("--crate-name app ")));
}

}  // namespace
}  // namespace depcache::client
