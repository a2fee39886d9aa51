#include "client/watch/watch.h"

#include "cache/base/status.h"
#include "cache/base/text.h"
#include "client/commands/commands.h"

namespace depcache::client {
namespace {

constexpr std::uint64_t kMaxRetries = 1000;

class WatchCommand final : public Command {
 public:
  std::string_view name() const override { return "watch"; }
  std::string_view summary() const override {
    return "Run a command whenever what the dependencies depend on changes";
  }
  std::string_view epilogue() const override {
    return "The command sees DEPCACHE_OLD_RECIPE, DEPCACHE_NEW_RECIPE and DEPCACHE_REASON. Takes\n"
           "cook's flags: they are part of the recipe. Exit code with --once: 0 if nothing "
           "changed,\n"
           "else the command's; 128 + n after signal n.\n\n"
           "Examples:\n"
           "  depcache-client watch --release -- depcache-client cook --release\n"
           "  depcache-client watch --once -- ./build-base-image.sh\n";
  }
  std::vector<Option> options() override {
    std::vector<Option> options = CargoOptions(flags_);
    options.push_back({"--once", &once_,
                       "Look once; if nothing changed since the command last "
                       "succeeded, do nothing"});
    options.push_back({"--interval", &interval_,
                       "Also look after this time (30s, 5m), where a file system tells nothing"});
    options.push_back(
        {"--retries", &retries_, "How often a failing command is run again; default 3"});
    options.push_back({"--state", &state_,
                       "File that remembers the recipe; default: one in the build directory"});
    options.push_back({"COMMAND", &command_, "The command and its arguments, after --"});
    return options;
  }

  int Run(Context& context) override {
    const absl::StatusOr<WatchOptions> options = Options(context);
    if (options.ok()) return RunWatch(context, *options);
    context.terminal.Error(MessageOf(options.status()));
    return static_cast<int>(ExitCode::kUsage);
  }

 private:
  absl::StatusOr<WatchOptions> Options(const Context& context) const {
    DEPCACHE_RETURN_IF_ERROR(CheckFlags(flags_));
    if (command_.empty()) return InvalidArgument("run what? Write the command after --");
    WatchOptions options;
    options.flags = flags_;
    options.command = command_;
    options.once = once_;
    if (!interval_.empty()) {
      DEPCACHE_ASSIGN_OR_RETURN(options.interval, ParseDuration(interval_));
    }
    if (!retries_.empty()) {
      DEPCACHE_ASSIGN_OR_RETURN(const std::uint64_t retries, ParseNumber(retries_, kMaxRetries));
      options.retries = static_cast<int>(retries);
    }
    if (!state_.empty()) options.state = context.cwd / state_;
    return options;
  }

  CargoFlags flags_;
  bool once_ = false;
  std::string interval_;
  std::string retries_;
  std::string state_;
  std::vector<std::string> command_;
};

}  // namespace

std::unique_ptr<Command> MakeWatchCommand() { return std::make_unique<WatchCommand>(); }

}  // namespace depcache::client
