#include "client/terminal.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <pty.h>

#include "tests/support/test_terminal.h"

namespace depcache::client {
namespace {

using ::depcache::testing::TestTerminal;
using ::testing::HasSubstr;

TEST(TerminalTest, PipedOutputHasNoColourAndNoProgress) {
  TestTerminal terminal;
  terminal.Progress("restoring", 5, 10);
  terminal.Say("restored");
  terminal.Warn("careful");
  terminal.Error("broken");
  EXPECT_EQ(terminal.err, "depcache: restored\ndepcache: careful\ndepcache: error: broken\n");
}

TEST(TerminalTest, ATerminalHasColour) {
  TestTerminal terminal({.is_terminal = true, .has_colour = true});
  terminal.Say("restored");
  EXPECT_EQ(terminal.err, "\x1b[1;32mdepcache:\x1b[0m restored\n");
}

TEST(TerminalTest, QuietKeepsOnlyWhatIsWrong) {
  TestTerminal terminal({.is_terminal = true, .is_quiet = true});
  terminal.Say("restored");
  terminal.Progress("restoring", 5, 10);
  EXPECT_EQ(terminal.err, "");
  terminal.Warn("careful");
  EXPECT_EQ(terminal.err, "depcache: careful\n");
}

TEST(TerminalTest, ProgressIsTakenAwayBeforeALine) {
  TestTerminal terminal({.is_terminal = true});
  terminal.Progress("restoring", 5, 10);
  EXPECT_THAT(terminal.err, HasSubstr("\r\x1b[Krestoring 5 B of 10 B (50%)"));
  terminal.err.clear();
  terminal.Say("done");
  EXPECT_EQ(terminal.err, "\r\x1b[Kdepcache: done\n");
  terminal.ClearProgress();
  EXPECT_EQ(terminal.err, "\r\x1b[Kdepcache: done\n");
}

TEST(TerminalTest, ProgressIsDrawnSeldomButAlwaysAtItsEnd) {
  TestTerminal terminal({.is_terminal = true});
  for (std::uint64_t done = 0; done <= 100'000; ++done) {
    terminal.Progress("restoring", done, 100'000);
  }
  EXPECT_THAT(terminal.err, HasSubstr("(100%)"));
  EXPECT_LT(std::count(terminal.err.begin(), terminal.err.end(), '\r'), 1000);
}

TEST(TerminalTest, ProgressFitsTheWidth) {
  TestTerminal terminal({.is_terminal = true, .width = 20});
  terminal.Progress("restoring a very long name", 5, 10);
  EXPECT_EQ(terminal.err, "\r\x1b[Krestoring a very lo");
}

TEST(TerminalTest, NothingToTransferIsNoProgress) {
  TestTerminal terminal({.is_terminal = true});
  terminal.Progress("restoring", 0, 0);
  EXPECT_EQ(terminal.err, "");
}

TEST(TerminalTest, ResultsGoToStandardOutputAlone) {
  TestTerminal terminal;
  terminal.Print("{}\n");
  terminal.PassThrough("warning: of cargo\n");
  EXPECT_EQ(terminal.out, "{}\n");
  EXPECT_EQ(terminal.err, "warning: of cargo\n");
}

// The options that a process sees whose standard error is `fd`, or a terminal
// of 132 columns for -1; with these variables alone.
Terminal::Options OptionsIn(const std::map<std::string, std::string>& variables, int fd) {
  int report[2];
  EXPECT_EQ(pipe(report), 0);
  winsize size{};
  size.ws_col = 132;
  size.ws_row = 40;
  int master = -1;
  const pid_t pid = fd == -1 ? forkpty(&master, nullptr, nullptr, &size) : fork();
  if (pid == 0) {
    if (fd != -1) dup2(fd, STDERR_FILENO);
    clearenv();
    for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
    const Terminal::Options options = TerminalOptions(/*is_quiet=*/true);
    _exit(write(report[1], &options, sizeof options) == sizeof options ? 0 : 1);
  }
  close(report[1]);
  Terminal::Options options;
  EXPECT_EQ(read(report[0], &options, sizeof options), static_cast<ssize_t>(sizeof options));
  close(report[0]);
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  if (master >= 0) close(master);
  return options;
}

TEST(TerminalOptionsTest, KnowsATerminalWithItsWidth) {
  const Terminal::Options options = OptionsIn({{"TERM", "xterm"}}, -1);
  EXPECT_TRUE(options.is_terminal);
  EXPECT_TRUE(options.has_colour);
  EXPECT_TRUE(options.is_quiet);
  EXPECT_EQ(options.width, 132);
}

TEST(TerminalOptionsTest, ADumbTerminalIsNone) {
  const Terminal::Options options = OptionsIn({{"TERM", "dumb"}}, -1);
  EXPECT_FALSE(options.is_terminal);
  EXPECT_FALSE(options.has_colour);
}

TEST(TerminalOptionsTest, NoColourIsObeyedOnATerminalUnlessItIsEmpty) {
  EXPECT_FALSE(OptionsIn({{"NO_COLOR", "1"}}, -1).has_colour);
  EXPECT_TRUE(OptionsIn({{"NO_COLOR", ""}}, -1).has_colour);
}

TEST(TerminalOptionsTest, APipeIsNoTerminalAndMayBeForcedToColour) {
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  EXPECT_FALSE(OptionsIn({}, fds[1]).is_terminal);
  EXPECT_FALSE(OptionsIn({}, fds[1]).has_colour);
  EXPECT_TRUE(OptionsIn({{"CLICOLOR_FORCE", "1"}}, fds[1]).has_colour);
  EXPECT_FALSE(OptionsIn({{"CLICOLOR_FORCE", "1"}, {"NO_COLOR", "1"}}, fds[1]).has_colour);
  EXPECT_EQ(OptionsIn({}, fds[1]).width, 80);
  close(fds[0]);
  close(fds[1]);
}

}  // namespace
}  // namespace depcache::client
