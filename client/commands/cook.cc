// cook, fetch and push: one flow, three ways to end it.

#include "cache/base/status.h"
#include "client/commands/commands.h"
#include "client/cook/cook.h"
#include "client/cook/stubs.h"
#include "client/flags/cargo_flags.h"

namespace depcache::client {
namespace {

class CookCommand final : public Command {
 public:
  struct Texts {
    std::string_view name;
    std::string_view summary;
    std::string_view epilogue;
  };
  CookCommand(const Texts& texts, CookMode mode) : texts_(texts), mode_(mode) {}

  std::string_view name() const override { return texts_.name; }
  std::string_view summary() const override { return texts_.summary; }
  std::string_view epilogue() const override { return texts_.epilogue; }

  std::vector<Option> options() override {
    std::vector<Option> options = CargoOptions(flags_);
    options.push_back({"--json", &json_, "Print one JSON object about what was done"});
    options.push_back({"-q,--quiet", &quiet_, "Say nothing unless something fails"});
    if (mode_ == CookMode::kCook) {
      options.push_back({.flags = "--verify",
                         .target = &verify_,
                         .help = "Compile units again, all or a share (--verify=25%), and compare bytes",
                         .bare = "100%"});
    }
    return options;
  }

  int Run(Context& context) override {
    if (const absl::Status status = CheckFlags(flags_); !status.ok()) {
      context.terminal.Error(MessageOf(status));
      return static_cast<int>(ExitCode::kUsage);
    }
    if (flags_.no_build) return WriteStubs(context, flags_);
    std::uint32_t verify_percent = 0;
    if (!verify_.empty()) {
      const absl::StatusOr<std::uint32_t> share = ParseVerifyShare(verify_);
      if (!share.ok()) {
        context.terminal.Error(MessageOf(share.status()));
        return static_cast<int>(ExitCode::kUsage);
      }
      verify_percent = *share;
    }
    context.config.is_quiet = context.config.is_quiet || quiet_;
    const CookSummary summary = RunCook(context, flags_, mode_, verify_percent);
    if (json_) context.terminal.Print(ToJson(summary));
    if (!summary.recipe.empty() && !context.config.is_quiet) {
      for (const std::string& line : ForPeople(summary)) context.terminal.Say(line);
    }
    return summary.exit_code;
  }

 private:
  const Texts texts_;
  const CookMode mode_;
  CargoFlags flags_;
  bool json_ = false;
  bool quiet_ = false;
  std::string verify_;
};

}  // namespace

std::unique_ptr<Command> MakeCookCommand() {
  return std::make_unique<CookCommand>(
      CookCommand::Texts{
          "cook", "Restore the workspace's dependencies, or compile and share them",
          "Takes every flag of `cargo chef cook`, and needs no recipe.json in a checkout.\n"
          "Members are never compiled and no source file is touched. Exit code: 0 when every\n"
          "dependency is there, cargo's own when it failed, 1 if --verify found other bytes, 2\n"
          "for a wrong command line.\n\n"
          "Examples:\n"
          "  depcache-client cook --release\n"
          "  depcache-client cook --release --recipe-path recipe.json --bin server\n"},
      CookMode::kCook);
}

std::unique_ptr<Command> MakeFetchCommand() {
  return std::make_unique<CookCommand>(
      CookCommand::Texts{"fetch", "Restore the dependencies if somebody built them; compile nothing",
                         "Exit code: 0 restored, 3 nobody has built them yet, 4 no server.\n"},
      CookMode::kFetch);
}

std::unique_ptr<Command> MakePushCommand() {
  return std::make_unique<CookCommand>(
      CookCommand::Texts{"push", "Share dependencies that an earlier cook compiled here",
                         "Units that plain cargo built are not shared: their bytes hold paths of\n"
                         "this machine. Exit code: 4 if there is no server.\n"},
      CookMode::kPush);
}

}  // namespace depcache::client
