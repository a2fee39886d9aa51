#include "client/capture/script_variables.h"

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(VariablesReadByTest, NamesAreLiteralsInCalls) {
  EXPECT_THAT(VariablesReadBy(R"(
fn main() {
    let a = std::env::var("A").unwrap();
    let b = env::var_os( "B_2" );
    let c = var
        ("C");
}
)"),
              ElementsAre("A", "B_2", "C"));
}

TEST(VariablesReadByTest, OtherCallsAndNamesThatArePutTogetherAreNone) {
  EXPECT_THAT(VariablesReadBy(R"(
my_var("A"); var_name("B"); env::vars(); var(name); var(&format!("X_{}", t)); set_var("C", "1");
let var = "D"; var("not a name"); var("unfinished)"),
              IsEmpty());
  EXPECT_THAT(VariablesReadBy("var(\"\")"), IsEmpty());
  EXPECT_THAT(VariablesReadBy("var"), IsEmpty());
  EXPECT_THAT(VariablesReadBy("var("), IsEmpty());
}

TEST(VariablesReadByTest, WhatCargoSetsIsNoInputOfItsOwn) {
  EXPECT_THAT(VariablesReadBy(R"(
var("OUT_DIR"); var("TARGET"); var("CARGO_FEATURE_STD"); var_os("RUSTC_WRAPPER"); var("DEP_Z_ROOT");
var("NUM_JOBS"); var("PATH"); var("HOME"); var("TARGETS"); var("USER");
)"),
              ElementsAre("TARGETS", "USER"));
}

TEST(VariablesOfScriptTest, ModulesAreReadToo) {
  const TestFolder folder;
  folder.Write("build.rs",
               "mod build;\n#[path = \"src/shared.rs\"]\nmod shared;\nmod gone;\nmod inline { }\n"
               "fn main() { var(\"A\"); }");
  folder.Write("build/mod.rs", "mod probe; mod more; // var(\"B\")");
  folder.Write("build/probe.rs", "var(\"C\"); mod probe;");
  folder.Write("build/more/mod.rs", "var(\"D\")");
  folder.Write("src/shared.rs", "mod deep; var(\"E\")");
  folder.Write("src/shared/deep.rs", "var(\"F\")");
  folder.Write("src/lib.rs", "var(\"NOT_THIS\")");
  EXPECT_THAT(VariablesOfScript(folder / "build.rs"),
              IsOkAndHolds(ElementsAre("A", "B", "C", "D", "E", "F")));
  EXPECT_THAT(VariablesOfScript(folder / "gone.rs"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace depcache::client
