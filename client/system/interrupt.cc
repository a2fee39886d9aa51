#include "client/system/interrupt.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

namespace depcache::client {
namespace {

std::atomic<int> caught_signal{0};
std::atomic<int> wake_fd{-1};

void OnSignal(int signal) {
  const int saved_errno = errno;
  if (caught_signal.exchange(signal) != 0) _exit(128 + signal);
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = write(wake_fd.load(), &one, sizeof one);
  errno = saved_errno;
}

}  // namespace

void CatchInterrupts() {
  wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigaction action {};
  action.sa_handler = OnSignal;
  sigemptyset(&action.sa_mask);
  // No SA_RESTART: a blocking wait for a lock returns and can be given up.
  for (const int signal : std::array{SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int InterruptSignal() { return caught_signal.load(); }
int InterruptFd() { return wake_fd.load(); }

}  // namespace depcache::client
