#include "client/cargo/refusal_filter.h"

#include <gmock/gmock.h>

namespace depcache::client {
namespace {

// What is shown of `text` when it comes in pieces of `size` bytes.
std::string Shown(const std::string& text, std::size_t size, bool* saw_real_error = nullptr) {
  std::string shown;
  RefusalFilter filter({"app", "macros"}, [&](std::string_view piece) { shown += piece; });
  for (std::size_t pos = 0; pos < text.size(); pos += size) filter.Add(text.substr(pos, size));
  filter.Finish();
  if (saw_real_error != nullptr) *saw_real_error = filter.saw_real_error();
  return shown;
}

constexpr const char* kRefused =
    "error: could not compile `app` (bin \"app\")\n"
    "\n"
    "Caused by:\n"
    "  process didn't exit successfully: `depcache-rustc-wrapper rustc` (exit status: 87)\n";

TEST(RefusalFilterTest, TakesOutWhatCargoSaysOfARefusedPackageHoweverItIsCut) {
  const std::string text = std::string("   Compiling serde v1.0.228\n") + kRefused +
                           "warning: build failed, waiting for other jobs to finish...\n" +
                           "   Compiling libz-sys v1.1.22\n";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    ASSERT_EQ(Shown(text, size), "   Compiling serde v1.0.228\n   Compiling libz-sys v1.1.22\n")
        << "in pieces of " << size;
  }
}

TEST(RefusalFilterTest, TellsWhichPackagesFailedForReal) {
  std::vector<std::string> failed;
  RefusalFilter filter(
      {"app"}, [](std::string_view) {}, [&](const std::string& package) { failed.push_back(package); });
  filter.Add(kRefused);
  EXPECT_FALSE(filter.saw_real_error());
  filter.Add("\x1b[31merror\x1b[0m: could not compile `libc` (lib) due to 1 previous error\n");
  filter.Add("error: failed to run custom build command for `zstd-sys v2.0.16+zstd.1.5.7`\n");
  filter.Finish();
  EXPECT_THAT(failed, ::testing::ElementsAre("libc", "zstd-sys"));
  EXPECT_TRUE(filter.saw_real_error());
}

TEST(RefusalFilterTest, SeesThroughColours) {
  EXPECT_EQ(Shown("\x1b[1m\x1b[31merror\x1b[0m\x1b[1m:\x1b[0m could not compile `app` (lib)\n"
                  "\nCaused by:\n  process didn't exit successfully: `x`\n"
                  "\x1b[32mCompiling\x1b[0m serde\n",
                  7),
            "\x1b[32mCompiling\x1b[0m serde\n");
}

TEST(RefusalFilterTest, ARealFailureIsShownWithAllThatBelongsToIt) {
  const std::string real =
      "error[E0425]: cannot find value `x` in this scope\n"
      "error: could not compile `libz-sys` (build script) due to 1 previous error\n"
      "\nCaused by:\n  process didn't exit successfully: `cc`\n"
      "warning: build failed, waiting for other jobs to finish...\n";
  bool saw_real_error = false;
  EXPECT_EQ(Shown(kRefused + real, 11, &saw_real_error), real);
  EXPECT_TRUE(saw_real_error);
}

TEST(RefusalFilterTest, ARefusedPackageAfterARealFailureIsStillTakenOut) {
  const std::string real = "error: could not compile `serde` (lib)\n";
  bool saw_real_error = false;
  EXPECT_EQ(Shown(real + kRefused, 5, &saw_real_error), real);
  EXPECT_TRUE(saw_real_error);
}

TEST(RefusalFilterTest, SaysWhetherAnythingWasRefused) {
  RefusalFilter refused({"app"}, [](std::string_view) {});
  refused.Add(kRefused);
  EXPECT_TRUE(refused.saw_refusal());
  EXPECT_FALSE(refused.saw_real_error());
  // Before it compiles anything cargo may fail too.
  RefusalFilter early({"app"}, [](std::string_view) {});
  early.Add("error: cannot update the lock file Cargo.lock because --locked was passed\n");
  EXPECT_FALSE(early.saw_refusal());
}

TEST(RefusalFilterTest, NamesAreComparedWhole) {
  const std::string other = "error: could not compile `app-core` (lib)\n";
  bool saw_real_error = false;
  EXPECT_EQ(Shown(other, 100, &saw_real_error), other);
  EXPECT_TRUE(saw_real_error);
}

TEST(RefusalFilterTest, WithoutARealFailureNoneIsReported) {
  bool saw_real_error = true;
  Shown(kRefused, 3, &saw_real_error);
  EXPECT_FALSE(saw_real_error);
}

TEST(RefusalFilterTest, AnEmptyLineAfterABlockIsNotLost) {
  EXPECT_EQ(Shown("error: could not compile `app` (lib)\n\nnote: something else\n", 4),
            "\nnote: something else\n");
}

TEST(RefusalFilterTest, ProgressIsShownBeforeItsLineEnds) {
  std::vector<std::string> pieces;
  RefusalFilter filter({}, [&](std::string_view piece) { pieces.emplace_back(piece); });
  filter.Add("    Building [==>   ] 3/9\r");
  EXPECT_THAT(pieces, ::testing::ElementsAre("    Building [==>   ] 3/9\r"));
  filter.Add("no newline");
  filter.Finish();
  EXPECT_EQ(pieces.back(), "no newline");
}

}  // namespace
}  // namespace depcache::client
