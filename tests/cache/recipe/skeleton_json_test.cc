#include "cache/recipe/skeleton_json.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cache/recipe/workspaces.h"
#include "tests/support/golden.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::Colony;
using ::depcache::testing::ExpectMatchesGolden;
using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::SmallWorkspace;
using ::depcache::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// A workspace with everything a recipe.json can hold.
Skeleton Full() {
  WorkspaceText workspace = SmallWorkspace();
  workspace.configs = {"build.rustflags = ['-C', 'target-cpu=x86-64-v3']\n"};
  workspace.toolchain =
      ToolchainFile{"rust-toolchain.toml", "[toolchain]\nchannel = \"1.95\"\n", {}};
  testing::PackageAt(workspace, "crates/app/Cargo.toml").text +=
      "\n[[test]]\nname = \"smoke\"\nharness = false\n";
  testing::PackageAt(workspace, "crates/core/Cargo.toml").targets[0].crate_types = {"rlib",
                                                                                    "cdylib"};
  absl::StatusOr<Skeleton> skeleton = BuildSkeleton(workspace);
  EXPECT_THAT(skeleton, IsOk());
  return skeleton.ok() ? *std::move(skeleton) : Skeleton();
}

// The least that is a recipe.json; `more` is put before the end.
std::string Minimal(std::string_view more = "") {
  return R"({"version": 1, "lock": "", "manifests": [{"path": "Cargo.toml", "contents": ""}])" +
         std::string(more) + "}";
}

TEST(SkeletonJsonTest, TheTextIsPinned) {
  ExpectMatchesGolden("recipe/recipe.json", SkeletonToJson(Full()));
}

TEST(SkeletonJsonTest, TheTextIsReadBack) {
  EXPECT_THAT(ParseSkeleton(SkeletonToJson(Full())), IsOkAndHolds(Full()));
  const absl::StatusOr<Skeleton> colony = BuildSkeleton(Colony());
  ASSERT_THAT(colony, IsOk());
  EXPECT_THAT(ParseSkeleton(SkeletonToJson(*colony)), IsOkAndHolds(*colony));
}

TEST(SkeletonJsonTest, AbsentFieldsAreEmpty) {
  const absl::StatusOr<Skeleton> skeleton = ParseSkeleton(Minimal());
  ASSERT_THAT(skeleton, IsOk());
  Skeleton expected;
  expected.manifests.push_back({"Cargo.toml", "", {}, {}});
  EXPECT_EQ(*skeleton, expected);
}

TEST(SkeletonJsonTest, UnknownFieldsAreKeptAtEveryLevel) {
  const std::string text = R"({
  "future": [1, {"a": null}],
  "lock": "",
  "manifests": [
    {
      "contents": "",
      "path": "Cargo.toml",
      "targets": [
        {"kind": "bin", "name": "x", "path": "x.rs", "new": 1.5}
      ],
      "why": "because"
    }
  ],
  "toolchain": {"contents": "", "name": "rust-toolchain", "more": true},
  "version": 1
})";
  const absl::StatusOr<Skeleton> skeleton = ParseSkeleton(text);
  ASSERT_THAT(skeleton, IsOk());
  EXPECT_THAT(skeleton->unknown_fields,
              UnorderedElementsAre(std::pair("future", R"([1,{"a":null}])")));
  const std::string again = SkeletonToJson(*skeleton);
  for (const std::string_view part :
       {"\"future\": [", "\"new\": 1.5", "\"why\": \"because\"", "\"more\": true"}) {
    EXPECT_THAT(again, HasSubstr(part));
  }
  EXPECT_THAT(ParseSkeleton(again), IsOkAndHolds(*skeleton));
}

TEST(SkeletonJsonTest, AWrongTypeIsNamedByItsField) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "not a JSON document"},
      {"[]", "the document is not an object"},
      {"{}", "version is missing"},
      {R"({"version": "1"})", "version is missing or no number"},
      {R"({"version": 1})", "lock is not a string"},
      {R"({"version": 1, "lock": null})", "lock is not a string"},
      {R"({"version": 1, "lock": "", "manifests": 1})", "manifests is not an array"},
      {R"({"version": 1, "lock": "", "manifests": [7]})", "manifests[0] is not an object"},
      {R"({"version": 1, "lock": "", "manifests": [{}]})", "manifests[0].path is not a string"},
      {R"({"version": 1, "lock": "", "manifests": [{"path": "Cargo.toml"}]})",
       "manifests[0].contents is not a string"},
      {Minimal(R"(, "config": 1)"), "config is not a string"},
      {Minimal(R"(, "toolchain": [])"), "toolchain is not an object"},
      {Minimal(R"(, "toolchain": {"name": 1})"), "toolchain.name is not a string"},
      {R"({"version": 1, "lock": "", "manifests": [{"path": "Cargo.toml", "contents": "",
          "targets": [{"kind": "dylib", "name": "x", "path": "x.rs"}]}]})",
       "manifests[0].targets[0].kind is `dylib`"},
      {R"({"version": 1, "lock": "", "manifests": [{"path": "Cargo.toml", "contents": "",
          "targets": [{"kind": "lib", "name": "x", "path": "x.rs", "harness": 0}]}]})",
       "manifests[0].targets[0].harness"},
      {R"({"version": 1, "lock": "", "manifests": [{"path": "Cargo.toml", "contents": "",
          "targets": [{"kind": "lib", "name": "x", "path": "x.rs", "crate_types": [0]}]}]})",
       "manifests[0].targets[0].crate_types"},
      {Minimal().substr(1), "not a JSON document"},
      {Minimal() + "x", "not a JSON document"},
      {"\xFF" + Minimal(), "not a JSON document"},
  };
  for (const auto& [text, message] : cases) {
    const absl::Status status = ParseSkeleton(text).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(status.ToString(), HasSubstr(message)) << text;
  }
}

TEST(SkeletonJsonTest, AnotherVersionIsSaidSo) {
  for (const std::string_view version : {"2", "0", "-1", "99999999999"}) {
    std::string text = Minimal();
    testing::Replace(text, "\"version\": 1", "\"version\": " + std::string(version));
    const absl::Status status = ParseSkeleton(text).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(status.ToString(), HasSubstr(version));
  }
}

TEST(SkeletonJsonTest, TextPastTheLimitsIsRefusedBeforeParsing) {
  EXPECT_THAT(ParseSkeleton(std::string(kMaxSkeletonBytes + 1, ' ')).status().ToString(),
              HasSubstr("more than the"));
  const std::string deep(1'000'000, '[');
  EXPECT_THAT(ParseSkeleton(Minimal(", \"x\": " + deep)).status().ToString(), HasSubstr("nest"));
  std::string many = "0";
  for (int i = 0; i < 2'000'001; ++i) many += ",0";
  EXPECT_THAT(ParseSkeleton(Minimal(", \"x\": [" + many + "]")).status().ToString(),
              HasSubstr("values allowed"));
  // Brackets and commas in strings are text.
  EXPECT_THAT(ParseSkeleton(Minimal(R"(, "x": "\"[[[[,,,,)" + std::string(100, '[') + "\"")),
              IsOk());
}

TEST(SkeletonJsonTest, PathsAreCheckedWhenRead) {
  EXPECT_THAT(ParseSkeleton(R"({"version": 1, "lock": "", "manifests": [
        {"path": "Cargo.toml", "contents": ""}, {"path": "../Cargo.toml", "contents": ""}]})")
                  .status()
                  .ToString(),
              HasSubstr("`../Cargo.toml`"));
}

}  // namespace
}  // namespace depcache
