#include "cache/recipe/toolchain.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::StatusIs;

constexpr std::string_view kOutput =
    "rustc 1.95.0 (59807616e 2026-04-14)\n"
    "binary: rustc\n"
    "commit-hash: 59807616e1fa2540724bfbac14d7976d7e4a3860\n"
    "commit-date: 2026-04-14\n"
    "host: x86_64-unknown-linux-gnu\n"
    "release: 1.95.0\n"
    "LLVM version: 22.1.2\n";

TEST(ToolchainTest, TheOutputOfRustcIsRead) {
  const absl::StatusOr<Toolchain> toolchain = ParseToolchain(kOutput);
  ASSERT_THAT(toolchain, IsOk());
  EXPECT_EQ(toolchain->text, kOutput);
  EXPECT_EQ(toolchain->release, "1.95.0");
  EXPECT_EQ(toolchain->host_triple, "x86_64-unknown-linux-gnu");
  EXPECT_EQ(toolchain->commit_hash, "59807616e1fa2540724bfbac14d7976d7e4a3860");
}

TEST(ToolchainTest, LineEndsAndBlankLinesDoNotShow) {
  std::string text;
  for (const char c : kOutput) text += c == '\n' ? " \r\n\n" : std::string(1, c);
  EXPECT_EQ(ParseToolchain(text)->text, kOutput);
}

TEST(ToolchainTest, AnUnknownCommitIsEmpty) {
  const auto toolchain = ParseToolchain("commit-hash: unknown\nhost: h\nrelease: 1.9");
  ASSERT_THAT(toolchain, IsOk());
  EXPECT_EQ(toolchain->commit_hash, "");
}

TEST(ToolchainTest, OtherTextIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("cargo 1.95.0"), std::string("host: x\n"),
        std::string("release: 1\n"), std::string(1 << 20, 'x')}) {
    EXPECT_THAT(ParseToolchain(text), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace depcache
