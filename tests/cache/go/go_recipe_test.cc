#include "cache/go/go_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kSum[] = "h1:1MaTp9sHanA3qb9z/5k/UYuLLKsV++jc3n6qZdkBhuA=";

GoSkeleton Checkout() {
  GoSkeleton skeleton;
  skeleton.modules = {{".", "module example.org/app\ngo 1.19\nrequire a.b/c v1.0.0\n",
                       std::string("a.b/c v1.0.0 ") + kSum + "\n"}};
  skeleton.imports = {"a.b/c", "fmt"};
  return *NormalizeGoSkeleton(skeleton);
}

GoEnvironment Linux() {
  GoEnvironment environment;
  environment.version = "go1.19.8 linux/amd64";
  environment.env = {{"GOOS", "linux"},      {"GOARCH", "amd64"},  {"GOAMD64", "v1"},
                     {"CGO_ENABLED", "0"},   {"GOFLAGS", ""},      {"GOPROXY", "file:///x"},
                     {"GOCACHE", "/root/c"}, {"CC", "gcc"},        {"GOGCCFLAGS", "-m64 /tmp/x"},
                     {"CGO_CFLAGS", "-O2"},  {"GOEXPERIMENT", ""}, {"GOMODCACHE", "/root/m"}};
  return environment;
}

RecipeHash HashOf(const GoSkeleton& skeleton, const GoEnvironment& environment) {
  const absl::StatusOr<Recipe> recipe = MakeGoRecipe(skeleton, environment);
  EXPECT_TRUE(recipe.ok()) << recipe.status();
  return recipe->Hash();
}

TEST(GoRecipeTest, PartsSayWhatABuildStandsOn) {
  const absl::StatusOr<Recipe> recipe = MakeGoRecipe(Checkout(), Linux());
  ASSERT_TRUE(recipe.ok());
  EXPECT_EQ(recipe->kind(), RecipeKind::kGo);
  const std::map<std::string, std::string, std::less<>> want = {
      {"kind", "go"},
      {"go", "go1.19.8 linux/amd64"},
      {"env.CGO_ENABLED", "0"},
      {"env.GOAMD64", "v1"},
      {"env.GOARCH", "amd64"},
      {"env.GOOS", "linux"},
      {"imports", "a.b/c\nfmt\n"},
      {"module.go", "1.19\n"},
      {"module.require", "a.b/c v1.0.0\n"},
      {"module.sum", std::string("a.b/c v1.0.0 ") + kSum + "\n"}};
  EXPECT_EQ(recipe->parts(), want);
}

TEST(GoRecipeTest, WhatMeansNothingChangesNothing) {
  const RecipeHash hash = HashOf(Checkout(), Linux());
  GoSkeleton skeleton = Checkout();
  skeleton.modules[0].mod =
      "module example.org/renamed // other\ngo 1.19\nrequire a.b/c v1.0.0 // indirect\n";
  EXPECT_EQ(HashOf(skeleton, Linux()), hash);
  GoEnvironment environment = Linux();
  environment.env["GOCACHE"] = "/elsewhere";
  environment.env["GOPROXY"] = "off";
  environment.env["CC"] = "clang";
  environment.cc = "clang 14";
  EXPECT_EQ(HashOf(Checkout(), environment), hash) << "without cgo no compiler counts";
}

TEST(GoRecipeTest, EveryInputCounts) {
  const RecipeHash hash = HashOf(Checkout(), Linux());
  const auto changed = [&](auto&& change) {
    GoSkeleton skeleton = Checkout();
    GoEnvironment environment = Linux();
    change(skeleton, environment);
    return HashOf(*NormalizeGoSkeleton(skeleton), environment) != hash;
  };
  EXPECT_TRUE(changed([](auto& s, auto&) { s.imports.push_back("net"); }));
  EXPECT_TRUE(changed([](auto& s, auto&) { s.modules[0].sum = ""; }));
  EXPECT_TRUE(changed([](auto& s, auto&) { s.modules[0].mod += "exclude a.b/c v0.1.0\n"; }));
  EXPECT_TRUE(changed([](auto& s, auto&) { s.modules[0].mod += "require x.y/z v0.1.0\n"; }));
  EXPECT_TRUE(changed([](auto& s, auto&) { s.modules[0].mod += "replace a.b/c => ./c\n"; }));
  EXPECT_TRUE(changed([](auto& s, auto&) { s.modules[0].mod += "toolchain go1.21\n"; }));
  EXPECT_TRUE(changed([](auto& s, auto&) { s.work = "replace a.b/c => d.e/f v1.0.0\n"; }));
  EXPECT_TRUE(changed([](auto& s, auto&) { s.vendor = "# a.b/c v1.0.0\n"; }));
  EXPECT_TRUE(changed([](auto&, auto& e) { e.version = "go1.20 linux/amd64"; }));
  EXPECT_TRUE(changed([](auto&, auto& e) { e.flags.tags = {"netgo"}; }));
  EXPECT_TRUE(changed([](auto&, auto& e) { e.flags.flags = {"-race"}; }));
  for (const char* name : {"GOOS", "GOARCH", "GOAMD64", "CGO_ENABLED", "GOEXPERIMENT", "GOARM"}) {
    EXPECT_TRUE(changed([&](auto&, auto& e) { e.env[name] = "1"; })) << name;
  }
}

TEST(GoRecipeTest, WithCgoTheCompilerCounts) {
  GoEnvironment cgo = Linux();
  cgo.env["CGO_ENABLED"] = "1";
  cgo.cc = "gcc 12.2";
  const RecipeHash hash = HashOf(Checkout(), cgo);
  GoEnvironment other = cgo;
  other.cc = "gcc 13";
  EXPECT_NE(HashOf(Checkout(), other), hash);
  other = cgo;
  other.env["CGO_CFLAGS"] = "-O3";
  EXPECT_NE(HashOf(Checkout(), other), hash);
}

TEST(GoRecipeTest, ModulesOfTheCheckoutAreNotItsDependencies) {
  GoSkeleton one = Checkout();
  GoSkeleton two = Checkout();
  two.modules.push_back({"lib", "module example.org/lib\ngo 1.19\n", ""});
  two.modules[0].mod += "require example.org/lib v0.0.0\n";
  EXPECT_EQ(HashOf(*NormalizeGoSkeleton(two), Linux()), HashOf(one, Linux()));
}

TEST(GoRecipeTest, FlagsAreSorted) {
  const auto flags =
      ParseGoFlags("-mod=mod -v '-gcflags=all=-N -l' --tags=b,a -trimpath -race", "");
  ASSERT_TRUE(flags.ok()) << flags.status();
  EXPECT_EQ(flags->mod, "mod");
  EXPECT_THAT(flags->tags, ElementsAre("a", "b"));
  EXPECT_THAT(flags->flags, ElementsAre("-gcflags=all=-N -l", "-race"));
  EXPECT_THAT(ParseGoFlags("-tags=a", "c b,c")->tags, ElementsAre("b", "c"));
  EXPECT_THAT(ParseGoFlags("  ", "")->flags, IsEmpty());
  EXPECT_THAT(ParseGoFlags("-buildmode=exe", "")->flags, IsEmpty());
}

TEST(GoRecipeTest, FlagsThatNoRecipeCouldNameAreRefused) {
  for (const char* flags : {"-modfile=x.mod", "-overlay=o.json", "-toolexec=time", "-a",
                            "-buildmode=pie", "-compiler=gccgo", "'-tags=x", "--"}) {
    EXPECT_THAT(ParseGoFlags(flags, ""), StatusIs(absl::StatusCode::kInvalidArgument)) << flags;
  }
}

}  // namespace
}  // namespace depcache
