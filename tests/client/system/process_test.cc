#include "client/system/process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;
using ::testing::ElementsAre;

class ProcessTest : public ::testing::Test {
 protected:
  absl::StatusOr<ProcessResult> Shell(const std::string& script, ProcessCommand command = {}) {
    command.argv = {"sh", "-c", script};
    return processes_.Run(command);
  }
  PosixProcessRunner processes_;
};

TEST_F(ProcessTest, HandsBackBothOutputsAndTheExitCode) {
  const auto result = Shell("echo out; echo err >&2; exit 7");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->out, "out\n");
  EXPECT_EQ(result->err, "err\n");
  EXPECT_EQ(result->exit_code, 7);
}

TEST_F(ProcessTest, ASignalIsAnExitCode) {
  const auto result = Shell("kill -9 $$");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->exit_code, 128 + SIGKILL);
}

TEST_F(ProcessTest, AProgramThatIsNotThereIsAnError) {
  EXPECT_THAT(processes_.Run({{"no-such-program-here"}, {}, {}}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(processes_.Stream({{"/no/such/program"}, {}, {}}, {}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ProcessTest, RunsInTheFolderItIsGiven) {
  const TestFolder folder;
  const auto result = Shell("pwd -P", {{}, folder.path(), {}});
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->out, folder.path().native() + "\n");
}

TEST_F(ProcessTest, VariablesAreSetAndTakenAwayAndTheOthersKept) {
  ASSERT_EQ(setenv("DEPCACHE_TEST_KEPT", "kept", 1), 0);
  ASSERT_EQ(setenv("DEPCACHE_TEST_GONE", "gone", 1), 0);
  const auto result =
      Shell("echo $DEPCACHE_TEST_KEPT ${DEPCACHE_TEST_GONE-unset} $DEPCACHE_TEST_NEW",
            {{}, {}, {{"DEPCACHE_TEST_GONE", std::nullopt}, {"DEPCACHE_TEST_NEW", "a=b"}}});
  unsetenv("DEPCACHE_TEST_KEPT");
  unsetenv("DEPCACHE_TEST_GONE");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->out, "kept unset a=b\n");
}

TEST_F(ProcessTest, MuchOutputOnBothPipesDoesNotBlock) {
  const auto result = Shell(
      "i=0; while [ $i -lt 400 ]; do printf '%01000d' $i; printf '%01000d' $i >&2; "
      "i=$((i+1)); done");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->out.size(), 400'000U);
  EXPECT_EQ(result->err, result->out);
}

TEST_F(ProcessTest, ADaemonThatKeepsThePipesOpenIsNotWaitedFor) {
  const TestFolder folder;
  // It lives until somebody opens the other end of the pipe: after the call.
  ASSERT_EQ(mkfifo((folder / "end").c_str(), 0600), 0);
  const auto result = Shell("(read x < end) & echo started", {{}, folder.path(), {}});
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->out, "started\n");
  EXPECT_THAT(OpenFile(folder / "end", O_WRONLY), IsOk());
}

// Takes pidfd_open away from this process, as old kernels and sandboxes do.
bool ForbidPidfd() {
  std::array<sock_filter, 4> program = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0 &&
         syscall(SYS_pidfd_open, getpid(), 0) == -1;
}

TEST_F(ProcessTest, WithoutPidfdTheEndOfThePipesIsTheEnd) {
  const pid_t pid = fork();
  if (pid == 0) {
    alarm(60);  // ends a child that waits for ever
    if (!ForbidPidfd()) _exit(2);
    const auto result = Shell("echo out; exit 3");
    if (!result.ok() || result->out != "out\n" || result->exit_code != 3) _exit(1);
    const auto streamed = processes_.Stream({{"true"}, {}, {}}, {});
    _exit(streamed.ok() && *streamed == 0 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

TEST_F(ProcessTest, StreamsLinesWithoutTheirNewlines) {
  std::vector<std::string> lines;
  std::string err;
  ProcessSinks sinks;
  sinks.on_out_line = [&](std::string_view line) { lines.emplace_back(line); };
  sinks.on_err = [&](std::string_view piece) { err += piece; };
  EXPECT_THAT(processes_.Stream(
                  {{"sh", "-c", "printf 'a\\n\\nb'; printf 'half' >&2; exit 4"}, {}, {}}, sinks),
              IsOkAndHolds(4));
  EXPECT_THAT(lines, ElementsAre("a", "", "b"));
  EXPECT_EQ(err, "half");
}

TEST_F(ProcessTest, WithoutASinkTheOutputIsOurs) {
  const TestFolder folder;
  std::fflush(stdout);  // a sanitizer's _exit would write what is left in the child too
  const pid_t pid = fork();
  if (pid == 0) {
    const auto file = OpenFile(folder / "out", O_WRONLY | O_CREAT);
    dup2(file->get(), 1);
    PosixProcessRunner processes;
    const auto code = processes.Stream({{"echo", "straight"}, {}, {}}, {});
    _exit(code.ok() && *code == 0 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(folder.Read("out"), "straight\n");
}

TEST_F(ProcessTest, ProgramsGetTheUsualBrokenPipe) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto result = Shell("sh -c 'kill -PIPE $$; echo survived'");
  std::signal(SIGPIPE, SIG_DFL);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->out, "");
}

}  // namespace
}  // namespace depcache::client
