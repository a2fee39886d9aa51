#include "client/system/process.h"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spawn.h>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "client/system/interrupt.h"

extern char** environ;

namespace depcache::client {
namespace {

constexpr std::size_t kMaxOutputBytes = 512 << 20;

std::vector<std::string> EnvironmentOf(const ProcessCommand& command) {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!command.env.contains(std::string(text.substr(0, text.find('='))))) {
      entries.emplace_back(text);
    }
  }
  for (const auto& [name, value] : command.env) {
    if (value) entries.push_back(name + "=" + *value);
  }
  return entries;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

absl::StatusOr<Pipe> MakePipe() {
  std::array<int, 2> fds{};
  if (pipe2(fds.data(), O_CLOEXEC) != 0) return FromErrno(errno, "make a pipe");
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// Starts the program with its output in the pipes that are valid.
absl::StatusOr<pid_t> Spawn(const ProcessCommand& command, const Pipe& out, const Pipe& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!command.cwd.empty()) {
    posix_spawn_file_actions_addchdir_np(&actions, command.cwd.c_str());
  }
  if (out.write.valid()) posix_spawn_file_actions_adddup2(&actions, out.write.get(), 1);
  if (err.write.valid()) posix_spawn_file_actions_adddup2(&actions, err.write.get(), 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);  // we ignore it; programs expect it
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> argv = command.argv;
  std::vector<std::string> env = EnvironmentOf(command);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes,
                                 Pointers(argv).data(), Pointers(env).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return FromErrno(error, fmt::format("run {}", command.argv[0]));
  return pid;
}

int WaitFor(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Reads what is there; false at the end of the file.
bool ReadSome(int fd, const std::function<void(std::string_view)>& sink) {
  std::array<char, 64 << 10> buffer;
  const ssize_t n = read(fd, buffer.data(), buffer.size());
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  if (n > 0) sink({buffer.data(), static_cast<std::size_t>(n)});
  return n > 0;
}

using PieceSink = std::function<void(std::string_view)>;

// Reads both pipes until the program has ended and what it wrote is read,
// passing a signal on to it once. Not until the pipes end: a daemon which the
// program left behind (a compiler cache's server, say) may keep them open.
void Pump(pid_t pid, const Pipe& out, const Pipe& err, const PieceSink& on_out,
          const PieceSink& on_err) {
  const UniqueFd ended(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  std::array<pollfd, 4> polls{{{out.read.get(), POLLIN, 0},
                               {err.read.get(), POLLIN, 0},
                               {InterruptFd(), POLLIN, 0},
                               {ended.get(), POLLIN, 0}}};
  bool has_ended = false;
  // Where the kernel or a sandbox has no pidfd, the end of both pipes must do.
  while (polls[0].fd >= 0 || polls[1].fd >= 0 || polls[3].fd >= 0) {
    const int ready = poll(polls.data(), polls.size(), has_ended ? 0 : -1);
    if (ready < 0 && errno != EINTR) return;
    if (polls[2].fd >= 0 && IsInterrupted()) {
      kill(pid, InterruptSignal());
      polls[2].fd = -1;
    }
    if (ready <= 0) {
      if (has_ended) return;
      continue;
    }
    if (polls[0].revents != 0 && !ReadSome(polls[0].fd, on_out)) polls[0].fd = -1;
    if (polls[1].revents != 0 && !ReadSome(polls[1].fd, on_err)) polls[1].fd = -1;
    if (polls[3].revents != 0) {
      has_ended = true;
      polls[3].fd = -1;
    }
    for (pollfd& entry : polls) entry.revents = 0;
  }
}

// Cuts pieces into lines.
class LineCutter {
 public:
  explicit LineCutter(std::function<void(std::string_view)> sink) : sink_(std::move(sink)) {}
  ~LineCutter() {
    if (!rest_.empty()) sink_(rest_);
  }
  LineCutter(const LineCutter&) = delete;
  LineCutter& operator=(const LineCutter&) = delete;

  void Add(std::string_view piece) {
    while (true) {
      const std::size_t newline = piece.find('\n');
      if (newline == std::string_view::npos) break;
      rest_ += piece.substr(0, newline);
      sink_(rest_);
      rest_.clear();
      piece.remove_prefix(newline + 1);
    }
    rest_ += piece;
  }

 private:
  std::function<void(std::string_view)> sink_;
  std::string rest_;
};

}  // namespace

absl::StatusOr<ProcessResult> PosixProcessRunner::Run(const ProcessCommand& command) {
  DEPCACHE_ASSIGN_OR_RETURN(Pipe out, MakePipe());
  DEPCACHE_ASSIGN_OR_RETURN(Pipe err, MakePipe());
  DEPCACHE_ASSIGN_OR_RETURN(const pid_t pid, Spawn(command, out, err));
  out.write.Reset();
  err.write.Reset();
  ProcessResult result;
  bool is_too_much = false;
  const auto into = [&](std::string& text) {
    return [&](std::string_view piece) {
      if (text.size() + piece.size() > kMaxOutputBytes) {
        is_too_much = true;
        kill(pid, SIGTERM);
      } else {
        text += piece;
      }
    };
  };
  Pump(pid, out, err, into(result.out), into(result.err));
  result.exit_code = WaitFor(pid);
  if (is_too_much) return ResourceExhausted("{} wrote too much output", command.argv[0]);
  return result;
}

absl::StatusOr<int> PosixProcessRunner::Stream(const ProcessCommand& command,
                                               const ProcessSinks& sinks) {
  Pipe out;
  Pipe err;
  if (sinks.on_out_line) {
    DEPCACHE_ASSIGN_OR_RETURN(out, MakePipe());
  }
  if (sinks.on_err) {
    DEPCACHE_ASSIGN_OR_RETURN(err, MakePipe());
  }
  DEPCACHE_ASSIGN_OR_RETURN(const pid_t pid, Spawn(command, out, err));
  out.write.Reset();
  err.write.Reset();
  {
    LineCutter lines(sinks.on_out_line ? sinks.on_out_line : [](std::string_view) {});
    Pump(
        pid, out, err, [&](std::string_view piece) { lines.Add(piece); }, sinks.on_err);
  }
  return WaitFor(pid);
}

}  // namespace depcache::client
