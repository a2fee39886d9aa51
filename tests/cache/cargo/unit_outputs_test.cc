#include "cache/cargo/unit_outputs.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/cargo/plan_builder.h"

namespace depcache {

void PrintTo(const UnitOutput& output, std::ostream* out) {
  *out << static_cast<int>(output.role) << (output.is_optional ? "?" : "");
}

namespace {

using ::depcache::testing::PlanBuilder;
using ::depcache::testing::UnitSpec;
using ::testing::UnorderedElementsAre;

PlannedUnit Plan(const UnitSpec& spec) {
  PlanBuilder builder;
  return builder.Plan({builder.Add(spec)}).value().units.at(0);
}

UnitOutput Has(FileRole role) { return {role, "", false}; }
UnitOutput MayHave(FileRole role) { return {role, "", true}; }

// All of these were compared with what Cargo 1.95 and 1.97 leave on disk.
TEST(UnitOutputsTest, OfALibraryAreByItsCrateTypes) {
  using enum FileRole;
  EXPECT_THAT(OutputsOf(Plan({.name = "a"})),
              UnorderedElementsAre(Has(kDepInfo), Has(kRlib), Has(kRmeta)));
  EXPECT_THAT(OutputsOf(Plan({.name = "a", .kinds = R"(["rlib"])"})),
              UnorderedElementsAre(Has(kDepInfo), Has(kRlib), Has(kRmeta)));
  EXPECT_THAT(OutputsOf(Plan({.name = "a", .kinds = R"(["lib","cdylib"])"})),
              UnorderedElementsAre(Has(kDepInfo), Has(kRlib), Has(kSharedObject), MayHave(kRmeta)));
  EXPECT_THAT(OutputsOf(Plan({.name = "a", .kinds = R"(["dylib"])"})),
              UnorderedElementsAre(Has(kDepInfo), Has(kSharedObject), MayHave(kRmeta)));
  EXPECT_THAT(OutputsOf(Plan({.name = "a", .kinds = R"(["rlib","staticlib","cdylib"])"})),
              UnorderedElementsAre(Has(kDepInfo), Has(kRlib), Has(kSharedObject),
                                   Has(kStaticArchive), MayHave(kRmeta)));
}

TEST(UnitOutputsTest, OfACheckAreMetadataAlone) {
  using enum FileRole;
  for (const char* kinds : {R"(["lib"])", R"(["lib","cdylib"])", R"(["proc-macro"])"}) {
    EXPECT_THAT(OutputsOf(Plan({.name = "a", .mode = "check", .kinds = kinds})),
                UnorderedElementsAre(Has(kDepInfo), Has(kRmeta)))
        << kinds;
  }
}

TEST(UnitOutputsTest, OfProcMacrosAndScripts) {
  using enum FileRole;
  EXPECT_THAT(OutputsOf(Plan({.name = "a", .kinds = R"(["proc-macro"])"})),
              UnorderedElementsAre(Has(kDepInfo), Has(kSharedObject)));
  EXPECT_THAT(OutputsOf(Plan({.name = "a", .kinds = R"(["custom-build"])"})),
              UnorderedElementsAre(Has(kDepInfo), Has(kScriptExe)));
  EXPECT_THAT(
      OutputsOf(Plan({.name = "a", .mode = "run-custom-build", .kinds = R"(["custom-build"])"})),
      UnorderedElementsAre(Has(kStdout), Has(kOutDirEntry)));
  EXPECT_THAT(OutputsOf(Plan({.name = "a", .kinds = R"(["bin"])"})), UnorderedElementsAre());
}

TEST(UnitOutputsTest, DwarfObjectsAreThereIfAskedFor) {
  EXPECT_FALSE(HasDwarfObjects(Plan({.name = "a"}), {"-C", "opt-level=3"}));
  EXPECT_FALSE(HasDwarfObjects(Plan({.name = "a", .split_debuginfo = R"("packed")"}), {}));
  EXPECT_TRUE(HasDwarfObjects(Plan({.name = "a", .split_debuginfo = R"("unpacked")"}), {}));
  EXPECT_TRUE(HasDwarfObjects(Plan({.name = "a"}), {"-C", "split-debuginfo=unpacked"}));
  EXPECT_TRUE(HasDwarfObjects(Plan({.name = "a"}), {"-Csplit-debuginfo=unpacked"}));
}

}  // namespace
}  // namespace depcache
