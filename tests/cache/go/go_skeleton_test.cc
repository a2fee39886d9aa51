#include "cache/go/go_skeleton.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kSum[] = "h1:1MaTp9sHanA3qb9z/5k/UYuLLKsV++jc3n6qZdkBhuA=";

GoSkeleton Texts() {
  GoSkeleton texts;
  texts.modules = {
      {"lib", "module example.org/lib\n", ""},
      {".", "// ours\nmodule example.org/app\n\ngo 1.19\n",
       std::string("b.c/d v1.0.0/go.mod ") + kSum + "\n\na.b/c v1.0.0/go.mod " + kSum}};
  texts.work = "use (\n ./lib\n .\n)\n";
  texts.imports = {"net/http", "fmt", "net/http"};
  return texts;
}

TEST(GoSkeletonTest, TextsBecomeCanonical) {
  const absl::StatusOr<GoSkeleton> skeleton = NormalizeGoSkeleton(Texts());
  ASSERT_TRUE(skeleton.ok()) << skeleton.status();
  ASSERT_EQ(skeleton->modules.size(), 2U);
  EXPECT_EQ(skeleton->modules[0].folder, ".");
  EXPECT_EQ(skeleton->modules[0].mod, "module example.org/app\ngo 1.19\n");
  EXPECT_EQ(skeleton->modules[0].sum,
            std::string("a.b/c v1.0.0/go.mod ") + kSum + "\nb.c/d v1.0.0/go.mod " + kSum + "\n");
  EXPECT_EQ(skeleton->work, "use .\nuse ./lib\n");
  EXPECT_THAT(skeleton->imports, ElementsAre("fmt", "net/http"));
  EXPECT_EQ(*NormalizeGoSkeleton(*skeleton), *skeleton);
}

TEST(GoSkeletonTest, JsonComesBack) {
  GoSkeleton texts = Texts();
  texts.vendor = "# a.b/c v1.0.0\n";
  texts.work_sum = std::string("x.y/z v1.0.0 ") + kSum + "\n";
  const absl::StatusOr<GoSkeleton> skeleton = NormalizeGoSkeleton(texts);
  ASSERT_TRUE(skeleton.ok());
  const std::string json = GoSkeletonToJson(*skeleton);
  const absl::StatusOr<GoSkeleton> again = ParseGoSkeleton(json);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, *skeleton);
  EXPECT_EQ(GoSkeletonToJson(*again), json);
}

TEST(GoSkeletonTest, SumsOfAllFilesComeTogether) {
  GoSkeleton texts = Texts();
  texts.work_sum = std::string("x.y/z v1.0.0 ") + kSum + "\n";
  const GoSum sums = SumsOf(*NormalizeGoSkeleton(texts));
  EXPECT_EQ(sums.size(), 3U);
  EXPECT_TRUE(sums.at({"x.y/z", "v1.0.0"}).zip.has_value());
  EXPECT_TRUE(sums.at({"a.b/c", "v1.0.0"}).mod.has_value());
}

TEST(GoSkeletonTest, FoldersStayInTheCheckout) {
  for (const char* folder : {"..", "../x", "/x", "a/../..", "", "a/./b"}) {
    GoSkeleton texts = Texts();
    texts.modules[0].folder = folder;
    EXPECT_THAT(NormalizeGoSkeleton(texts), StatusIs(absl::StatusCode::kInvalidArgument)) << folder;
  }
  GoSkeleton twice = Texts();
  twice.modules[0].folder = ".";
  EXPECT_THAT(NormalizeGoSkeleton(twice), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(GoSkeletonTest, ImportsAreNoFlags) {
  for (const char* import : {"-toolexec=x", "a b", "../x", "", "/x", "a/...x y"}) {
    GoSkeleton texts = Texts();
    texts.imports = {import};
    EXPECT_THAT(NormalizeGoSkeleton(texts), StatusIs(absl::StatusCode::kInvalidArgument)) << import;
  }
}

TEST(GoSkeletonTest, ErrorsNameTheFile) {
  GoSkeleton texts = Texts();
  texts.modules[0].mod = "require x\n";
  EXPECT_THAT(std::string(NormalizeGoSkeleton(texts).status().message()), HasSubstr("lib/go.mod"));
}

TEST(GoSkeletonTest, OtherDocumentsAreRefused) {
  for (const char* json :
       {"", "[]", "{}", R"({"kind":"cargo","version":1})", R"({"kind":"go","version":2})",
        R"({"kind":"go","version":1})", R"({"kind":"go","version":1,"modules":[1]})",
        R"({"kind":"go","version":1,"modules":[{"folder":1,"mod":""}]})",
        R"({"kind":"go","version":1,"modules":[{"folder":".","mod":""}],"imports":[1]})"}) {
    EXPECT_THAT(ParseGoSkeleton(json), StatusIs(absl::StatusCode::kInvalidArgument)) << json;
  }
  EXPECT_THAT(ParseGoSkeleton(std::string(200'000, '[')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache
