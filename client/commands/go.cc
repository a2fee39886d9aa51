// go prepare, go cook and go build.

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "client/commands/commands.h"
#include "client/go/go_checkout.h"
#include "client/go/go_cook.h"

namespace depcache::client {
namespace {

const std::string kTagsHelp = "Build tags, as for `go build -tags`; default: those of GOFLAGS";

class GoPrepareCommand final : public Command {
 public:
  std::string_view name() const override { return "go prepare"; }
  std::string_view summary() const override {
    return "Write recipe.json: what of this Go checkout its dependencies depend on";
  }
  std::string_view epilogue() const override {
    return "The file stays the same while sources change, unless they import another package.\n"
           "Needs no network and no downloaded module.\n\n"
           "Example: depcache-client go prepare --recipe-path recipe.json\n";
  }
  std::vector<Option> options() override {
    return {{"--recipe-path", &recipe_path_, "Where to write it; default recipe.json"},
            {"--tags", &tags_, kTagsHelp}};
  }

  int Run(Context& context) override {
    const absl::Status status = Write(context);
    if (status.ok()) return static_cast<int>(ExitCode::kOk);
    context.terminal.Error(MessageOf(status));
    return static_cast<int>(ExitCode::kUsage);
  }

 private:
  absl::Status Write(Context& context) {
    DEPCACHE_ASSIGN_OR_RETURN(const GoSetup setup, ReadGoSetup(context, context.cwd, tags_));
    DEPCACHE_ASSIGN_OR_RETURN(const GoSkeleton skeleton, ReadGoCheckout(context, setup));
    DEPCACHE_RETURN_IF_ERROR(
        WriteFileAtomic(context.cwd / recipe_path_, GoSkeletonToJson(skeleton)));
    context.terminal.Say(fmt::format("wrote {}: {} modules, {} imports", recipe_path_,
                                     skeleton.modules.size(), skeleton.imports.size()));
    return absl::OkStatus();
  }

  std::string recipe_path_ = "recipe.json";
  std::string tags_;
};

// What cook and build have in common.
class GoCookingCommand : public Command {
 public:
  std::vector<Option> options() override {
    return {{"--tags", &flags_.tags, kTagsHelp},
            {"-q,--quiet", &quiet_, "Say nothing unless something fails"}};
  }

 protected:
  CookSummary Cook(Context& context) {
    context.config.is_quiet = context.config.is_quiet || quiet_;
    CookSummary summary = RunGoCook(context, flags_);
    if (!summary.recipe.empty() && !context.config.is_quiet) {
      for (const std::string& line : ForPeople(summary)) context.terminal.Say(line);
    }
    return summary;
  }

  GoCookFlags flags_;

 private:
  bool quiet_ = false;
};

class GoCookCommand final : public GoCookingCommand {
 public:
  std::string_view name() const override { return "go cook"; }
  std::string_view summary() const override {
    return "Restore the packages that a Go checkout imports, or compile and share them";
  }
  std::string_view epilogue() const override {
    return "Fills GOMODCACHE and GOCACHE; a plain `go build -trimpath` then compiles packages of\n"
           "the checkout only, with GOPROXY=off too. Exit code: 0 when all is there, go's own "
           "when\n"
           "it failed, 2 where there is nothing to cook.\n\n"
           "Example: depcache-client go cook --recipe-path recipe.json\n";
  }
  std::vector<Option> options() override {
    std::vector<Option> options = GoCookingCommand::options();
    options.push_back({"--recipe-path", &flags_.recipe_path,
                       "A recipe.json of `go prepare`; default: the checkout in this folder"});
    options.push_back({"--json", &json_, "Print one JSON object about what was done"});
    return options;
  }
  int Run(Context& context) override {
    const CookSummary summary = Cook(context);
    if (json_) context.terminal.Print(ToJson(summary));
    return summary.exit_code;
  }

 private:
  bool json_ = false;
};

class GoBuildCommand final : public GoCookingCommand {
 public:
  std::string_view name() const override { return "go build"; }
  std::string_view summary() const override { return "go cook, then `go build -trimpath`"; }
  std::string_view epilogue() const override {
    return "Other flags of go build can be given in GOFLAGS. Exit code: go's own.\n\n"
           "Example: depcache-client go build -o server --ldflags '-s -w' ./cmd/server\n";
  }
  std::vector<Option> options() override {
    std::vector<Option> options = GoCookingCommand::options();
    options.push_back({"-o,--output", &output_, "As `go build -o`"});
    options.push_back({"--ldflags", &ldflags_, "As `go build -ldflags`"});
    options.push_back({"packages", &packages_, "What to build; default: this folder's package"});
    return options;
  }
  int Run(Context& context) override {
    const CookSummary cooked = Cook(context);
    // Whatever is missing, Go makes itself, or says why it cannot.
    if (cooked.recipe.empty()) return cooked.exit_code;
    ProcessCommand command;
    command.argv = {"go", "build", "-trimpath"};
    if (!flags_.tags.empty()) command.argv.push_back("-tags=" + flags_.tags);
    if (!output_.empty()) command.argv.insert(command.argv.end(), {"-o", output_});
    if (!ldflags_.empty()) command.argv.push_back("-ldflags=" + ldflags_);
    command.argv.insert(command.argv.end(), packages_.begin(), packages_.end());
    command.cwd = context.cwd;
    const absl::StatusOr<int> exit_code = context.processes.Stream(command, {});
    if (exit_code.ok()) return *exit_code;
    context.terminal.Error(MessageOf(exit_code.status()));
    return static_cast<int>(ExitCode::kFailed);
  }

 private:
  std::string output_;
  std::string ldflags_;
  std::vector<std::string> packages_;
};

}  // namespace

std::unique_ptr<Command> MakeGoPrepareCommand() { return std::make_unique<GoPrepareCommand>(); }
std::unique_ptr<Command> MakeGoCookCommand() { return std::make_unique<GoCookCommand>(); }
std::unique_ptr<Command> MakeGoBuildCommand() { return std::make_unique<GoBuildCommand>(); }

}  // namespace depcache::client
