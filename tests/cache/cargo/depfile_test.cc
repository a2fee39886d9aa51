#include "cache/cargo/depfile.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DepfileTest, ReadsWhatTheCompilerReadOfItsEnvironment) {
  EXPECT_THAT(ParseEnvDeps("/b/x.d: src/lib.rs /b/out/private.rs\n"
                           "\n"
                           "src/lib.rs:\n"
                           "# env-dep:CARGO_PKG_VERSION=1.0.0\n"
                           "# env-dep:OUT_DIR=/b/out=1\n"
                           "# env-dep:UNSET\n"
                           "# env-dep:EMPTY=\n"
                           "# env-dep:TWO=a\\nb\\\\n\\r"),
              IsOkAndHolds(ElementsAre(
                  DepfileVariable{"CARGO_PKG_VERSION", "1.0.0"},
                  DepfileVariable{"OUT_DIR", "/b/out=1"}, DepfileVariable{"UNSET", std::nullopt},
                  DepfileVariable{"EMPTY", ""}, DepfileVariable{"TWO", "a\nb\\n\r"})));
  EXPECT_THAT(ParseEnvDeps(""), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ParseEnvDeps("x: # env-dep:A=1\n## env-dep:B=1\n"), IsOkAndHolds(IsEmpty()));
}

TEST(DepfileTest, RefusesUnknownEscapes) {
  for (const std::string line : {"# env-dep:A=\\x", "# env-dep:A=\\", "# env-dep:A\\t"}) {
    EXPECT_THAT(ParseEnvDeps(line), StatusIs(absl::StatusCode::kInvalidArgument)) << line;
  }
  EXPECT_THAT(ParseEnvDeps(std::string((16 << 20) + 1, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace depcache
