#include "client/system/interrupt.h"

#include <csignal>
#include <functional>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "client/system/process.h"

namespace depcache::client {
namespace {

// Runs `body` in a process of its own and gives its wait status.
int StatusOfChild(const std::function<int()>& body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body());
  int status = -1;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return status;
}

bool IsReadable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return poll(&entry, 1, 0) == 1;
}

class InterruptTest : public ::testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Signals, InterruptTest, ::testing::Values(SIGINT, SIGTERM, SIGHUP));

TEST_P(InterruptTest, TheFirstSignalSetsTheFlagAndWakes) {
  EXPECT_EQ(StatusOfChild([signal = GetParam()] {
              if (IsInterrupted() || InterruptFd() != -1) return 1;
              CatchInterrupts();
              if (IsReadable(InterruptFd())) return 2;
              raise(signal);
              if (InterruptSignal() != signal || !IsInterrupted()) return 3;
              return IsReadable(InterruptFd()) ? 0 : 4;
            }),
            0);
}

TEST_P(InterruptTest, TheSecondEndsTheProcessWithTheUsualCode) {
  const int status = StatusOfChild([signal = GetParam()] {
    CatchInterrupts();
    raise(signal);
    raise(signal);
    return 0;
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 128 + GetParam());
}

TEST_P(InterruptTest, IsPassedOnToTheProgramThatRuns) {
  const int status = StatusOfChild([signal = GetParam()] {
    CatchInterrupts();
    PosixProcessRunner processes;
    ProcessSinks sinks;
    // The signal comes when the program is known to be running.
    sinks.on_out_line = [&](std::string_view) { raise(signal); };
    const auto code = processes.Stream(
        {{"sh", "-c", "trap 'exit 42' INT TERM HUP; echo ready; while :; do :; done"}, {}, {}},
        sinks);
    return code.ok() ? *code : 1;
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST(BrokenPipeTest, DoesNotEndUs) {
  EXPECT_EQ(StatusOfChild([] {
              CatchInterrupts();
              int fds[2];
              if (pipe(fds) != 0) return 1;
              close(fds[0]);
              return write(fds[1], "x", 1) == -1 ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace depcache::client
