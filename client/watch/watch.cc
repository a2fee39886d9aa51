#include "client/watch/watch.h"

#include <algorithm>
#include <set>
#include <utility>

#include "cache/base/status.h"
#include "cache/base/text.h"
#include "cache/recipe/recipe_diff.h"
#include "client/cargo/build_lock.h"
#include "client/command.h"
#include "client/cook/cook_input.h"
#include "client/system/interrupt.h"
#include "client/watch/file_watcher.h"
#include "client/watch/watch_state.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReasonLines = 8;          // of one part
constexpr std::size_t kMaxReasonBytes = 32'000;  // of a variable, far below the system's limit
constexpr std::chrono::milliseconds kFirstDelay{1000};
constexpr std::chrono::milliseconds kLongestDelay{30'000};
constexpr int kMaxLooks = 10;

// The folder and those above it, with their .cargo: where Cargo looks for
// manifests and configuration.
void AddUpwards(fs::path folder, std::set<fs::path>& folders) {
  while (true) {
    folders.insert(folder);
    folders.insert(folder / ".cargo");
    if (folder == folder.root_path() || folder.empty()) return;
    folder = folder.parent_path();
  }
}

// Before anything is known of the workspace.
std::set<fs::path> FirstFolders(const Context& context, const CargoFlags& flags) {
  std::set<fs::path> folders;
  AddUpwards(context.cwd, folders);
  if (!flags.manifest_path.empty()) {
    folders.insert((context.cwd / flags.manifest_path).lexically_normal().parent_path());
  }
  return folders;
}

std::set<fs::path> FoldersOf(const Context& context, const CookInput& input) {
  std::set<fs::path> folders = FirstFolders(context, input.flags);
  if (input.IsRecipeOnly()) {
    folders.insert((context.cwd / input.flags.recipe_path).lexically_normal().parent_path());
    return folders;
  }
  AddUpwards(input.folders.workspace, folders);
  folders.insert(input.folders.cargo_home);
  for (const fs::path& package : input.PackageFolders()) {
    folders.insert(package);
    folders.insert(package / "src");
    // A member that a pattern names comes as a folder beside the others.
    if (package != input.folders.workspace) folders.insert(package.parent_path());
    // What it inherits from is above it.
    if (!IsBelow(package, input.folders.workspace)) AddUpwards(package, folders);
  }
  return folders;
}

std::string ReasonOf(const std::optional<Recipe>& before, const Recipe& now) {
  if (!before) return "first run";
  std::string reason;
  for (const std::string& line : DescribeChange(*before, now, kReasonLines)) {
    if (reason.size() + line.size() > kMaxReasonBytes) return reason + "\n…";
    if (!reason.empty()) reason += '\n';
    reason += line;
  }
  return reason;
}

class Watch {
 public:
  Watch(Context& context, const WatchOptions& options, FileWatcher watcher)
      : context_(context), options_(options), watcher_(std::move(watcher)) {}

  int Run() {
    while (!IsInterrupted()) {
      const absl::StatusOr<Recipe> recipe = Look();
      if (IsInterrupted()) break;
      if (!recipe.ok() && options_.once) return Fail(recipe.status());
      if (!recipe.ok()) {
        Say(fmt::format("waiting: {}", MessageOf(recipe.status())));
        watcher_.Wait(options_.interval);
        continue;
      }
      if (const std::optional<int> code = Settle(*recipe)) return *code;
    }
    return 128 + InterruptSignal();
  }

 private:
  int Fail(const absl::Status& status) {
    context_.terminal.Error(MessageOf(status));
    return static_cast<int>(ExitCode::kUsage);
  }

  // Not the same line again and again.
  void Say(const std::string& line) {
    if (line != said_) context_.terminal.Say(line);
    said_ = line;
  }

  // The recipe as it is now, with all that it reads watched before it was read.
  absl::StatusOr<Recipe> Look() {
    DEPCACHE_RETURN_IF_ERROR(watcher_.Watch(FirstFolders(context_, options_.flags)).status());
    for (int looks = 0;; ++looks) {
      DEPCACHE_ASSIGN_OR_RETURN(CookInput input, LoadCookInput(context_, options_.flags));
      DEPCACHE_ASSIGN_OR_RETURN(const bool is_new, watcher_.Watch(FoldersOf(context_, input)));
      if (is_new && looks < kMaxLooks) continue;
      target_dir_ = input.folders.target_dir;
      if (file_.empty()) {
        file_ = options_.state.empty() ? WatchStateFile(input.folders.build_dir, options_.command)
                                       : options_.state;
        done_ = ReadWatchState(file_);
      }
      return std::move(input.recipe);
    }
  }

  // Runs the command if it was not run for this recipe, and waits for what
  // comes next. An exit code ends it all.
  std::optional<int> Settle(const Recipe& recipe) {
    const RecipeHash hash = recipe.Hash();
    if (done_ && done_->Hash() == hash) {
      Say(fmt::format("unchanged: {}", hash.ToShortHex()));
      if (options_.once) return 0;
      watcher_.Wait(options_.interval);
      return std::nullopt;
    }
    if (std::exchange(tried_, hash) != hash) failures_ = 0;
    if (failures_ > options_.retries) {
      watcher_.Wait(options_.interval);
      return std::nullopt;
    }
    const absl::StatusOr<int> code = RunCommand(recipe);
    if (!code.ok()) return Fail(code.status());
    if (IsInterrupted()) return std::nullopt;
    if (*code == 0) {
      Succeed(recipe);
      return options_.once ? std::optional(0) : std::nullopt;
    }
    return FailOnce(*code);
  }

  absl::StatusOr<int> RunCommand(const Recipe& recipe) {
    ProcessCommand command;
    command.argv = options_.command;
    command.cwd = context_.cwd;
    command.env["DEPCACHE_OLD_RECIPE"] = done_ ? RecipeHashText(done_->Hash()) : "";
    command.env["DEPCACHE_NEW_RECIPE"] = RecipeHashText(recipe.Hash());
    command.env["DEPCACHE_REASON"] = ReasonOf(done_, recipe);
    Say(fmt::format("recipe {}: running {}", recipe.Hash().ToShortHex(), options_.command[0]));
    said_.clear();
    return context_.processes.Stream(command, {});
  }

  void Succeed(const Recipe& recipe) {
    done_ = recipe;
    // With Cargo's mark of a cache, should this be the first thing in it.
    if (options_.state.empty()) MakeTargetFolder(target_dir_).IgnoreError();
    const absl::Status written = WriteWatchState(file_, recipe);
    if (!written.ok()) {
      context_.terminal.Warn(
          fmt::format("the next start runs the command again: {}", MessageOf(written)));
    }
  }

  std::optional<int> FailOnce(int code) {
    ++failures_;
    if (failures_ > options_.retries) {
      context_.terminal.Warn(fmt::format("{} ended with {}; not run again until the recipe changes",
                                         options_.command[0], code));
      return options_.once ? std::optional(code) : std::nullopt;
    }
    const auto delay = std::min(kFirstDelay * (1 << std::min(failures_ - 1, 10)), kLongestDelay);
    context_.terminal.Warn(fmt::format("{} ended with {}; again in {}", options_.command[0], code,
                                       FormatDuration(delay)));
    // A change ends the wait: what fails now may be what was just mended.
    watcher_.Wait(delay);
    return std::nullopt;
  }

  Context& context_;
  const WatchOptions& options_;
  FileWatcher watcher_;
  fs::path file_;
  fs::path target_dir_;
  std::optional<Recipe> done_;  // what the command last succeeded for
  RecipeHash tried_;
  int failures_ = 0;  // in a row, for tried_
  std::string said_;
};

}  // namespace

int RunWatch(Context& context, const WatchOptions& options) {
  absl::StatusOr<FileWatcher> watcher = FileWatcher::Make();
  if (!watcher.ok()) {
    context.terminal.Error(MessageOf(watcher.status()));
    return static_cast<int>(ExitCode::kFailed);
  }
  return Watch(context, options, *std::move(watcher)).Run();
}

}  // namespace depcache::client
