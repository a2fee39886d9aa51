#include "cache/cargo/plan_log.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/cargo/samples.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::kSampleBuildDir;
using ::depcache::testing::ReadSample;
using ::depcache::testing::StatusIs;
using ::testing::SizeIs;

constexpr std::string_view kLine =
    "   0.27s DEBUG prepare_target{force=false package_id=serde v1.0.228 target=\"serde\"}: "
    "cargo::compiler::fingerprint: fingerprint at: "
    "/b d/release/.fingerprint/serde-0123456789abcdef/lib-serde";

TEST(PlanLogTest, ReadsRecordedLogsOfBothLayouts) {
  for (const auto& [name, layout] :
       {std::pair{"classic/plan.log", LayoutKind::kClassic}, {"v2/plan.log", LayoutKind::kV2}}) {
    const auto units = ParsePlanLog(ReadSample(name), kSampleBuildDir);
    ASSERT_THAT(units, IsOk()) << name;
    EXPECT_THAT(*units, SizeIs(46)) << name;
    EXPECT_EQ(units->front().package, "app");
    EXPECT_EQ(units->front().version, "0.3.1");
    for (const LoggedUnit& unit : *units) EXPECT_EQ(unit.located.layout, layout);
  }
}

TEST(PlanLogTest, SkipsEverythingElse) {
  const std::string log = "   Compiling serde v1.0.228\n\n" + std::string(kLine) +
                          "\nerror: could not compile\nold fingerprint at: nothing";
  for (const std::string_view build_dir : {"/b d", "/b d/"}) {
    const auto units = ParsePlanLog(log, build_dir);
    ASSERT_THAT(units, IsOk());
    ASSERT_THAT(*units, SizeIs(1));
    EXPECT_EQ(units->front().package, "serde");
    EXPECT_EQ(units->front().version, "1.0.228");
    EXPECT_EQ(units->front().located.place.hash, "0123456789abcdef");
  }
  EXPECT_THAT(ParsePlanLog("", "/b"), IsOk());
}

TEST(PlanLogTest, ThePackageMayHaveASource) {
  std::string line(kLine);
  line.replace(line.find("1.0.228"), 7, "0.2.0 (https://example.com/x?rev=1#12345678)");
  const auto units = ParsePlanLog(line, "/b d");
  ASSERT_THAT(units, IsOk());
  EXPECT_EQ(units->front().version, "0.2.0");
}

TEST(PlanLogTest, RefusesLinesItCannotRead) {
  const auto with = [](std::string_view from, std::string_view to) {
    std::string line(kLine);
    line.replace(line.find(from), from.size(), to);
    return line;
  };
  for (const std::string& line :
       {with("package_id=", "package="), with("prepare_target{", "prepare{"), with(" v1", " 1"),
        with("/b d/", "/b d2/"), with("/b d/release/", "/b d/"), with(".fingerprint", "deps"),
        with("0123456789abcdef", "0123456789abcdeX"), with("release", "..")}) {
    EXPECT_THAT(ParsePlanLog(line, "/b d"), StatusIs(absl::StatusCode::kInvalidArgument)) << line;
  }
}

}  // namespace
}  // namespace depcache
