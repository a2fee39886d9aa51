#include "cache/go/go_mod.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kFull[] = R"(// The service.
module example.org/app // ours

go 1.19

require (
	github.com/B/two v1.2.3 // indirect
	"example.com/one" v0.1.0-20200101000000-abcdefabcdef
)
require example.com/three/v3 v3.0.0 // indirect; said twice

replace example.com/one => ../one
replace (
	example.com/three/v3 v3.0.0 => example.net/fork v1.0.0
)
exclude example.com/one v0.0.9
retract [v1.0.0, v1.1.0] // broken
)";

TEST(GoModTest, ReadsEveryDirective) {
  const absl::StatusOr<GoMod> mod = ParseGoMod(kFull);
  ASSERT_TRUE(mod.ok()) << mod.status();
  EXPECT_EQ(mod->module, "example.org/app");
  EXPECT_EQ(mod->go, "1.19");
  EXPECT_THAT(mod->required,
              ElementsAre(GoRequire{"example.com/one", "v0.1.0-20200101000000-abcdefabcdef", false},
                          GoRequire{"example.com/three/v3", "v3.0.0", true},
                          GoRequire{"github.com/B/two", "v1.2.3", true}));
  EXPECT_THAT(mod->replaced, ElementsAre(GoReplace{"example.com/one", "", "../one", ""},
                                         GoReplace{"example.com/three/v3", "v3.0.0",
                                                   "example.net/fork", "v1.0.0"}));
  EXPECT_THAT(mod->excluded, ElementsAre(GoExclude{"example.com/one", "v0.0.9"}));
  EXPECT_TRUE(mod->others.empty());
}

TEST(GoModTest, TheCanonicalTextMeansTheSame) {
  const absl::StatusOr<GoMod> mod = ParseGoMod(kFull);
  ASSERT_TRUE(mod.ok());
  const std::string text = GoModText(*mod);
  const absl::StatusOr<GoMod> again = ParseGoMod(text);
  ASSERT_TRUE(again.ok()) << text;
  EXPECT_EQ(*again, *mod);
  EXPECT_EQ(GoModText(*again), text);
}

TEST(GoModTest, OrderCommentsAndBlocksMeanNothing) {
  const auto a = ParseGoMod("module m\nrequire (\n a.b/c v1.0.0\n d.e/f v1.0.0 // why\n)\n");
  const auto b = ParseGoMod("require d.e/f v1.0.0\nrequire a.b/c v1.0.0\r\nmodule `m`\n");
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(*a, *b);
}

TEST(GoModTest, AWorkFileHasTheSameGrammar) {
  const auto work = ParseGoMod("go 1.19\nuse (\n ./b\n ./a\n)\nreplace x.y/z => ./z\n");
  ASSERT_TRUE(work.ok());
  EXPECT_THAT(work->uses, ElementsAre("./a", "./b"));
  EXPECT_TRUE(IsFolder(work->replaced[0]));
}

TEST(GoModTest, WhatIsNotKnownIsKept) {
  const auto mod = ParseGoMod("module m\ntoolchain go1.21.0\ngodebug (\n panicnil=1\n)\n");
  ASSERT_TRUE(mod.ok());
  EXPECT_THAT(mod->others, ElementsAre("godebug panicnil=1", "toolchain go1.21.0"));
}

TEST(GoModTest, ErrorsNameTheLine) {
  for (const char* text :
       {"module m\nrequire a.b/c\n", "module m\nreplace a => b\n", "module m\nreplace a b\n",
        "module m\nreplace a => ./b v1.0.0\n", "module m\nuse `x\n", "module m\ngo 1.1 9\n"}) {
    EXPECT_THAT(ParseGoMod(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(std::string(ParseGoMod(text).status().message()), HasSubstr("line 2")) << text;
  }
  EXPECT_THAT(ParseGoMod("require (\n"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache
