#include "cache/engine/access_policy.h"

#include <gtest/gtest.h>

#include "cache/base/status.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kDenied = absl::StatusCode::kPermissionDenied;

Caller Ci() { return {"ci", "", {"main", "release", "pr/*"}, {"main", "pr/*"}}; }

TEST(AccessPolicyTest, AnonymousReadsAndWritesMain) {
  const Caller caller = AnonymousCaller();
  EXPECT_EQ(caller.principal, "anonymous");
  EXPECT_THAT(ReadOrder(caller, "main"), IsOkAndHolds(ElementsAre("main")));
  EXPECT_THAT(CheckWrite(caller, "main"), IsOk());
  EXPECT_THAT(ReadOrder(caller, "release"), StatusIs(kDenied));
  EXPECT_THAT(CheckWrite(caller, "release"), StatusIs(kDenied));
}

TEST(AccessPolicyTest, PatternsAreExactOrABeginning) {
  const std::vector<std::string> patterns = {"main", "pr/*"};
  for (const char* scope : {"main", "pr/1", "pr/a/b"}) {
    EXPECT_TRUE(MatchesScope(patterns, scope)) << scope;
  }
  for (const char* scope : {"mai", "main2", "main/x", "pr", "pr/", "prod/1", "", "pr*"}) {
    EXPECT_FALSE(MatchesScope(patterns, scope)) << scope;
  }
  EXPECT_FALSE(MatchesScope({}, "main"));
}

TEST(AccessPolicyTest, ReadsLookInTheScopeThenInTheTokensOrder) {
  EXPECT_THAT(ReadOrder(Ci(), "pr/7"), IsOkAndHolds(ElementsAre("pr/7", "main", "release")));
  EXPECT_THAT(ReadOrder(Ci(), "release"), IsOkAndHolds(ElementsAre("release", "main")));
  EXPECT_THAT(ReadOrder(Ci(), "main"), IsOkAndHolds(ElementsAre("main", "release")));
}

TEST(AccessPolicyTest, WhoMayWriteMayRead) {
  const Caller writer{"bot", "", {}, {"dev/*"}};
  EXPECT_THAT(ReadOrder(writer, "dev/bot"), IsOkAndHolds(ElementsAre("dev/bot")));
}

TEST(AccessPolicyTest, RefusalsNameCallerAndScope) {
  EXPECT_THAT(CheckWrite(Ci(), "release"), StatusIs(kDenied));
  EXPECT_EQ(MessageOf(CheckWrite(Ci(), "release")), "ci may not write scope 'release'");
  EXPECT_THAT(ReadOrder(Ci(), "secret"), StatusIs(kDenied));
  EXPECT_THAT(std::string(MessageOf(ReadOrder(Ci(), "secret").status())), HasSubstr("'secret'"));
}

TEST(AccessPolicyTest, NamesOfScopes) {
  for (const std::string& name : {std::string("main"), std::string("pr/17"), std::string("A.b_c-d"),
                                  std::string("...") + "x", std::string(200, 'x')}) {
    EXPECT_THAT(CheckScopeName(name), IsOk()) << name;
  }
  for (const std::string& name :
       {std::string(), std::string(201, 'x'), std::string("a b"), std::string("a//b"),
        std::string("/a"), std::string("a/"), std::string("."), std::string("a/.."),
        std::string("../a"), std::string("pr/*"), std::string("\xc3\xa9"), std::string("a\0", 2),
        std::string("a\nb")}) {
    EXPECT_THAT(CheckScopeName(name), StatusIs(absl::StatusCode::kInvalidArgument)) << name;
    const Caller anyone{"x", "", {name}, {name}};
    EXPECT_FALSE(ReadOrder(anyone, name).ok());
    EXPECT_FALSE(CheckWrite(anyone, name).ok());
  }
}

}  // namespace
}  // namespace depcache::testing
