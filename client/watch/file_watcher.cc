#include "client/watch/file_watcher.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cache/base/status.h"
#include "client/system/interrupt.h"

namespace depcache::client {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kQuiet{100};
constexpr std::chrono::milliseconds kLongestSettling{2000};
constexpr std::uint32_t kComesOrGoes =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t kWatched = kComesOrGoes | IN_CLOSE_WRITE | IN_ONLYDIR;

}  // namespace

bool MayCount(std::string_view name, bool is_folder, bool comes_or_goes) {
  if (is_folder) return comes_or_goes && name != "target" && name != ".git";
  if (name.ends_with(".rs")) return comes_or_goes;
  return name.ends_with(".toml") || name == "Cargo.lock" || name == "config" ||
         name == "rust-toolchain";
}

absl::StatusOr<FileWatcher> FileWatcher::Make() {
  UniqueFd fd(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd.valid()) return FromErrno(errno, "watch files (inotify)");
  return FileWatcher(std::move(fd));
}

absl::StatusOr<bool> FileWatcher::Watch(const std::set<std::filesystem::path>& folders) {
  bool has_new = false;
  for (const std::filesystem::path& folder : folders) {
    const int watch = inotify_add_watch(fd_.get(), folder.c_str(), kWatched);
    if (watch < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) continue;
    if (watch < 0 && errno == ENOSPC) {
      return ResourceExhausted("too many folders to watch; raise fs.inotify.max_user_watches");
    }
    if (watch < 0) return FromErrno(errno, "watch " + folder.native());
    has_new = folders_.insert_or_assign(watch, folder).second || has_new;
  }
  return has_new;
}

bool FileWatcher::Take() {
  bool counts = false;
  alignas(inotify_event) std::array<char, 16 << 10> buffer;
  while (true) {
    const ssize_t size = read(fd_.get(), buffer.data(), buffer.size());
    if (size <= 0) return counts;
    for (ssize_t at = 0; at < size;) {
      const auto* event =
          reinterpret_cast<const inotify_event*>(&buffer[static_cast<std::size_t>(at)]);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if ((event->mask & IN_IGNORED) != 0) folders_.erase(event->wd);
      const std::string_view name = event->len > 0 ? std::string_view(event->name) : "";
      const bool is_lost = (event->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
      counts = counts || is_lost ||
               (!name.empty() &&
                MayCount(name, (event->mask & IN_ISDIR) != 0, (event->mask & kComesOrGoes) != 0));
    }
  }
}

FileWatcher::Wake FileWatcher::WaitOnce(steady_clock::time_point until) {
  while (true) {
    if (IsInterrupted()) return Wake::kInterrupted;
    if (Take()) return Wake::kChanged;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    if (left.count() <= 0) return Wake::kTimeout;
    std::array<pollfd, 2> polls{{{fd_.get(), POLLIN, 0}, {InterruptFd(), POLLIN, 0}}};
    const auto bound = std::min<std::int64_t>(left.count(), 3'600'000);
    poll(polls.data(), polls.size(), static_cast<int>(bound));
  }
}

FileWatcher::Wake FileWatcher::Wait(std::optional<std::chrono::milliseconds> limit) {
  const auto now = steady_clock::now();
  // A year is as good as for ever, and does not overflow.
  const auto longest = std::chrono::hours(24 * 365);
  Wake wake =
      WaitOnce(now + (limit ? std::min<std::chrono::milliseconds>(*limit, longest) : longest));
  if (wake != Wake::kChanged) return wake;
  const auto end = steady_clock::now() + kLongestSettling;
  while (wake == Wake::kChanged && steady_clock::now() < end) {
    wake = WaitOnce(steady_clock::now() + kQuiet);
  }
  return wake == Wake::kInterrupted ? wake : Wake::kChanged;
}

}  // namespace depcache::client
