#include "cache/cargo/unit_graph.h"

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/cache/cargo/samples.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::ReadSample;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// A graph of one unit; `fields` follow its fixed ones.
std::string OneUnit(std::string_view mode = "build", std::string_view dependencies = "[]",
                    std::string_view extra = "") {
  return std::string(
             R"({"version":1,"units":[{"pkg_id":"path+file:///ws/app#0.1.0",)"
             R"("target":{"kind":["bin"],"crate_types":["bin"],"name":"app","src_path":"/ws/m.rs"},)"
             R"("profile":{"name":"dev","lto":"false","split_debuginfo":"packed"},"platform":null,)"
             R"("mode":")") +
         std::string(mode) + R"(","features":["a"],"dependencies":)" + std::string(dependencies) +
         std::string(extra) + R"(}],"roots":[0]})";
}

TEST(UnitGraphTest, ReadsARecordedGraph) {
  const absl::StatusOr<UnitGraph> graph = ParseUnitGraph(ReadSample("classic/unit_graph.json"));
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(graph->units, SizeIs(46));
  EXPECT_THAT(graph->roots, SizeIs(2));
  for (const GraphUnit& unit : graph->units) {
    if (unit.package.name != "serde_derive") continue;
    EXPECT_THAT(unit.target.kinds, ElementsAre("proc-macro"));
    EXPECT_THAT(unit.target.crate_types, ElementsAre("proc-macro"));
    EXPECT_THAT(unit.features, ElementsAre("default"));
    EXPECT_EQ(unit.profile.name, "release");
    EXPECT_THAT(unit.deps, SizeIs(3));
    EXPECT_THAT(unit.profile.json,
                HasSubstr(R"({"name":"release","opt_level":"0","lto":"false",)"));
    return;
  }
  FAIL() << "no serde_derive";
}

TEST(UnitGraphTest, ReadsEveryField) {
  const absl::StatusOr<UnitGraph> graph = ParseUnitGraph(
      OneUnit("check", R"([{"index":0,"extern_crate_name":"x","artifact":true,"new":[]}])",
              R"(,"is_std":true,"new":{"a":1})"));
  ASSERT_THAT(graph, IsOk());
  const GraphUnit& unit = graph->units.at(0);
  EXPECT_EQ(unit.package.name, "app");
  EXPECT_EQ(unit.package.version, "0.1.0");
  EXPECT_EQ(unit.target.name, "app");
  EXPECT_EQ(unit.target.src_path, "/ws/m.rs");
  EXPECT_EQ(unit.profile.json, R"({"name":"dev","lto":"false","split_debuginfo":"packed"})");
  EXPECT_EQ(unit.profile.split_debuginfo, "packed");
  EXPECT_EQ(unit.mode, UnitMode::kCheck);
  EXPECT_EQ(unit.platform, "");
  EXPECT_TRUE(unit.is_std);
  EXPECT_TRUE(unit.has_artifact_dep);
  EXPECT_EQ(unit.deps.at(0).extern_name, "x");
}

TEST(UnitGraphTest, ReadsEveryMode) {
  for (const std::string_view mode :
       {"build", "check", "test", "doc", "doctest", "docscrape", "run-custom-build"}) {
    EXPECT_THAT(ParseUnitGraph(OneUnit(mode)), IsOk()) << mode;
  }
}

TEST(UnitGraphTest, RefusesWhatItCannotRelyOn) {
  const auto with = [](std::string_view from, std::string_view to) {
    std::string json = OneUnit();
    json.replace(json.find(from), from.size(), to);
    return json;
  };
  const std::pair<std::string, std::string> cases[] = {
      {with(R"("version":1)", R"("version":2)"), "version 2"},
      {with(R"("version":1,)", ""), "version"},
      {OneUnit("fix"), "fix"},
      {OneUnit("build", R"([{"index":1,"extern_crate_name":"x"}])"), "index"},
      {OneUnit("build", R"([{"index":-1,"extern_crate_name":"x"}])"), "index"},
      {OneUnit("build", R"([{"extern_crate_name":"x"}])"), "index"},
      {OneUnit("build", R"([{"index":0}])"), "extern_crate_name"},
      {OneUnit("build", "null"), "dependencies"},
      {with(R"("roots":[0])", R"("roots":[1])"), "index"},
      {with(R"("kind":["bin"])", R"("kind":[])"), "kind"},
      {with(R"("features":["a"])", R"("features":[1])"), "features"},
      {with("path+file", "ftp+file"), "unknown source"},
      {"{", "JSON"},
  };
  for (const auto& [json, why] : cases) {
    const absl::StatusOr<UnitGraph> graph = ParseUnitGraph(json);
    ASSERT_THAT(graph, StatusIs(absl::StatusCode::kInvalidArgument)) << why;
    EXPECT_THAT(std::string(MessageOf(graph.status())), HasSubstr(why));
  }
}

}  // namespace
}  // namespace depcache
