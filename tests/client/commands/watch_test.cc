#include "client/watch/watch.h"

#include "tests/client/commands/run_command.h"

namespace depcache::client {
namespace {

using ::testing::HasSubstr;

// `--once`, with real commands. The rest needs a process of its own:
// tests/e2e/watch_test.py.
class WatchTest : public CommandTest {
 protected:
  // Appends the variables to a file; what it holds after the run.
  int Once(std::vector<std::string> more = {}, const std::string& script = kNote) {
    more.insert(more.begin(), {"watch", "--once"});
    more.insert(more.end(), {"--", "sh", "-c", script, (folder_ / "notes").native()});
    return Run(more);
  }
  std::string Notes() { return folder_.Read("notes"); }

  static constexpr const char* kNote =
      "printf '%s|%s|%s\\n' \"$DEPCACHE_OLD_RECIPE\" \"$DEPCACHE_NEW_RECIPE\" \"$DEPCACHE_REASON\" "
      ">> \"$0\"";
};

TEST_F(WatchTest, OnceRunsForAChangeAndNotAgain) {
  const std::string first = RecipeHashText(HashOf());
  ASSERT_EQ(Once(), 0) << context_.terminal.err;
  EXPECT_EQ(Notes(), "|" + first + "|first run\n");
  EXPECT_TRUE(folder_.Has("small/target/CACHEDIR.TAG"));
  ASSERT_EQ(Once(), 0);
  EXPECT_EQ(Notes(), "|" + first + "|first run\n");
  EXPECT_THAT(context_.terminal.err, HasSubstr("unchanged"));

  folder_.Write("small/Cargo.toml", folder_.Read("small/Cargo.toml") + "# words\n");
  ASSERT_EQ(Once(), 0);
  EXPECT_EQ(Notes(), "|" + first + "|first run\n") << "a comment is no change";

  folder_.Write("small/Cargo.toml",
                folder_.Read("small/Cargo.toml") + "[profile.dev]\nopt-level = 2\n");
  const std::string second = RecipeHashText(HashOf());
  ASSERT_NE(first, second);
  ASSERT_EQ(Once(), 0);
  EXPECT_THAT(Notes(), HasSubstr("\n" + first + "|" + second + "|profile.settings: "));
}

TEST_F(WatchTest, AFailingCommandIsRunAgainNextTime) {
  EXPECT_EQ(Once({"--retries", "0"}, "echo run >> \"$0\"; exit 7"), 7);
  EXPECT_EQ(Once({"--retries", "0"}, "echo run >> \"$0\"; exit 7"), 7);
  EXPECT_EQ(Notes(), "run\nrun\n");
}

TEST_F(WatchTest, AFailingCommandIsTriedAsOftenAsAsked) {
  EXPECT_EQ(Once({"--retries", "1"}, "echo run >> \"$0\"; exit 7"), 7);
  EXPECT_EQ(Notes(), "run\nrun\n");
}

TEST_F(WatchTest, TheStateMayLieElsewhere) {
  ASSERT_EQ(Once({"--state", "../state"}), 0);
  EXPECT_TRUE(folder_.Has("state"));
  EXPECT_FALSE(folder_.Has("small/target"));
  ASSERT_EQ(Once({"--state", "../state"}), 0);
  EXPECT_THAT(context_.terminal.err, HasSubstr("unchanged"));
}

TEST_F(WatchTest, WhatCannotBeReadOrRunFails) {
  EXPECT_EQ(Run({"watch", "--once"}), 2);
  EXPECT_EQ(Run({"watch", "--once", "--retries", "x", "--", "true"}), 2);
  EXPECT_EQ(Run({"watch", "--once", "--interval", "x", "--", "true"}), 2);
  EXPECT_EQ(Run({"watch", "--once", "--", "/no/such/program"}), 2);
  folder_.Write("small/Cargo.toml", "[workspace\n");
  EXPECT_EQ(Once(), 2);
  EXPECT_EQ(Notes(), "");
}

}  // namespace
}  // namespace depcache::client
