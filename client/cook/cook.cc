#include "client/cook/cook.h"

#include <algorithm>

#include "cache/base/status.h"
#include "client/command.h"
#include "client/cook/audit_report.h"
#include "client/cook/build_turn.h"
#include "client/cook/compile_flow.h"
#include "client/cook/completion.h"
#include "client/cook/cook_input.h"
#include "client/cook/last_recipe.h"
#include "client/cook/plan_flow.h"
#include "client/cook/restore_flow.h"
#include "client/cook/restore_sources.h"
#include "client/cook/siblings.h"
#include "client/cook/stale_units.h"
#include "client/cook/verify.h"
#include "client/system/interrupt.h"

namespace depcache::client {
namespace {

int Code(ExitCode code) { return static_cast<int>(code); }

class Cook {
 public:
  Cook(Context& context, const CargoFlags& flags, CookMode mode, std::uint32_t verify_percent)
      : context_(context), flags_(flags), mode_(mode), verify_percent_(verify_percent) {}

  CookSummary Run() {
    {
      const PhaseTimer timer(summary_, "total");
      summary_.exit_code = RunToCode();
    }
    // A cook that did nothing leaves no trace.
    if (!summary_.recipe.empty() && !was_complete_) LeaveNotes();
    return std::move(summary_);
  }

 private:
  int Fail(const absl::Status& status, ExitCode code) {
    if (status.code() == absl::StatusCode::kCancelled && IsInterrupted()) {
      return 128 + InterruptSignal();
    }
    context_.terminal.Error(MessageOf(status));
    return Code(code);
  }

  // For `explain --last`, and for other checkouts: not worth a word if they
  // cannot be written.
  void LeaveNotes() {
    WriteLastRecipe(build_dir_, {recipe_, summary_}).IgnoreError();
    const std::filesystem::path cache_folder = CacheFolder(context_.environment);
    const bool has_units = summary_.units_restored + summary_.units_present + summary_.units_built > 0;
    if (summary_.server.empty() || !has_units || cache_folder.empty()) return;
    RememberBuildDir(cache_folder, build_dir_).IgnoreError();
  }

  int RunToCode() {
    absl::StatusOr<CookInput> input = [&] {
      const PhaseTimer timer(summary_, "recipe");
      return LoadCookInput(context_, flags_);
    }();
    if (!input.ok()) return Fail(input.status(), ExitCode::kUsage);
    recipe_ = input->recipe;
    build_dir_ = input->folders.build_dir;
    summary_.recipe = RecipeHashText(input->recipe.Hash());
    const int exit_code = RunWith(*input);
    return exit_code == 0 && verify_percent_ > 0 ? Verify(*input) : exit_code;
  }

  int RunWith(const CookInput& input) {
    if (mode_ != CookMode::kPush && IsComplete(input)) return Code(ExitCode::kOk);
    const absl::Status opened = OpenServer();
    if (!opened.ok() && mode_ != CookMode::kCook) return Fail(opened, ExitCode::kUnavailable);
    if (!opened.ok()) WithoutServer(opened);
    if (mode_ == CookMode::kPush) {
      summary_.result = "pushed";
      return CompileRest(input, CompileMode::kShareOnly);
    }
    const absl::StatusOr<RestoreOutcome> outcome = Restore(input);
    if (!outcome.ok()) return Fail(outcome.status(), ExitCode::kFailed);
    if (*outcome == RestoreOutcome::kWhole) {
      summary_.result = "hit";
      return Code(ExitCode::kOk);
    }
    if (remote_ != nullptr) {
      summary_.result = *outcome == RestoreOutcome::kPartial ? "partial" : "miss";
    }
    if (mode_ == CookMode::kFetch) {
      return Code(remote_ == nullptr ? ExitCode::kUnavailable : ExitCode::kMiss);
    }
    return CompileRest(input, CompileMode::kCompile);
  }

  // Everything is there from an earlier cook: no server is asked.
  bool IsComplete(const CookInput& input) {
    if (context_.config.is_off) return false;
    const PhaseTimer timer(summary_, "look");
    const std::size_t units =
        CompleteUnits(input.folders, input.recipe.Hash(), LookupIn(input.variables));
    summary_.units_planned = summary_.units_present = static_cast<std::uint32_t>(units);
    if (units > 0) summary_.result = "hit";
    was_complete_ = units > 0;
    return was_complete_;
  }

  absl::Status OpenServer() {
    if (context_.config.is_off) return Unavailable("depcache is off (DEPCACHE_OFF)");
    if (context_.config.server.empty()) {
      return Unavailable("no server is set; set DEPCACHE_SERVER to share what is compiled");
    }
    summary_.server = context_.config.server;
    DEPCACHE_ASSIGN_OR_RETURN(remote_, context_.open_remote(context_.config));
    return absl::OkStatus();
  }

  // The one line which says that there is no server, and what follows from it.
  void WithoutServer(const absl::Status& why) {
    summary_.server_error = MessageOf(why);
    remote_ = nullptr;
    if (mode_ != CookMode::kCook) {
      context_.terminal.Error(MessageOf(why));
    } else if (!context_.config.is_off) {
      context_.terminal.Warn(fmt::format("{}; going on with cargo alone", MessageOf(why)));
    }
  }

  absl::StatusOr<RestoreOutcome> Restore(const CookInput& input) {
    if (remote_ == nullptr) return RestoreOutcome::kNothing;
    absl::StatusOr<LayerAnswer> answer = [&] {
      const PhaseTimer timer(summary_, "look");
      return remote_->GetLayer(input.recipe.Hash());
    }();
    if (answer.status().code() == absl::StatusCode::kNotFound) return RestoreOutcome::kNothing;
    if (!answer.ok()) {
      WithoutServer(answer.status());
      return RestoreOutcome::kNothing;
    }
    DEPCACHE_ASSIGN_OR_RETURN(const RestoreOutcome outcome,
                              RestoreFromLayer(context_, input, *remote_, *answer, summary_));
    if (!summary_.server_error.empty()) {
      context_.terminal.Warn(fmt::format(
          "the layer was not restored whole: {}; cargo compiles the rest", summary_.server_error));
    }
    return outcome;
  }

  // A server which may only be read is no failure: nothing is shared then.
  bool MayWrite() {
    if (remote_ == nullptr) return false;
    const absl::StatusOr<ServerInfo> info = remote_->GetInfo();
    if (!info.ok()) {
      WithoutServer(info.status());
      return false;
    }
    if (!info->can_write) {
      context_.terminal.Say(
          fmt::format("{} may only read here: what is compiled is not shared", info->principal));
    }
    return info->can_write;
  }

  // Single units, where no layer of the recipe could be used.
  absl::Status RestoreUnits(const CookInput& input, const UnitPlan& plan) {
    const std::uint32_t before = summary_.units_restored;
    DEPCACHE_ASSIGN_OR_RETURN(const RestoreOutcome outcome,
                              RestoreKnownUnits(context_, input, *remote_, plan, summary_));
    if (outcome == RestoreOutcome::kPartial) summary_.result = "partial";
    if (summary_.units_restored == before) return absl::OkStatus();
    context_.terminal.Say(fmt::format("{} units that were known already are restored",
                                      summary_.units_restored - before));
    return absl::OkStatus();
  }

  // What is known comes back; what others are compiling is waited for.
  absl::StatusOr<Turn> RestoreAndWait(const CookInput& input, const UnitPlan& plan,
                                      bool may_write) {
    const auto restore = [&] { return RestoreUnits(input, plan); };
    const auto compile_part = [&](const std::vector<bool>& left_out, BuildLease* lease) {
      return CompileAndShare(context_, input, plan, may_write ? remote_.get() : nullptr,
                             CompileMode::kCompile, {lease, left_out}, summary_);
    };
    DEPCACHE_RETURN_IF_ERROR(restore());
    return WaitForTurn({context_, input, *remote_, plan, may_write, restore, compile_part},
                       summary_);
  }

  int CompileRest(const CookInput& input, CompileMode mode) {
    const bool asks_for_units = remote_ != nullptr && mode == CompileMode::kCompile;
    if (asks_for_units) RestoreSourcesOfRecipe(context_, input, *remote_, summary_);
    absl::StatusOr<UnitPlan> plan = MakePlan(context_, input, summary_);
    if (plan.ok() && remote_ != nullptr) ForgetStaleUnits(context_, *plan, input.folders, input.variables);
    const bool may_write = MayWrite();
    Turn turn;
    if (asks_for_units && remote_ != nullptr && plan.ok()) {
      absl::StatusOr<Turn> come = RestoreAndWait(input, *plan, may_write);
      if (!come.ok()) return Fail(come.status(), ExitCode::kFailed);
      turn = *std::move(come);
      if (turn.failed) {
        ReportAccused(*remote_, may_write, summary_);
        return *turn.failed;
      }
    }
    RemoteCache* const shared_with = may_write ? remote_.get() : nullptr;
    if (shared_with == nullptr && mode == CompileMode::kShareOnly) {
      return Code(ExitCode::kUnavailable);
    }
    const absl::StatusOr<int> exit_code =
        CompileAndShare(context_, input, std::move(plan), shared_with, mode, {turn.lease.get(), {}},
                        summary_);
    if (!exit_code.ok()) return Fail(exit_code.status(), ExitCode::kFailed);
    if (remote_ != nullptr) ReportAccused(*remote_, may_write, summary_);
    // Unit by unit, but nothing was left to compile.
    if (summary_.result == "partial" && summary_.units_built == 0 && summary_.skipped.empty()) {
      summary_.result = "hit";
    }
    return *exit_code;
  }

  // Everything is there. Compiles it again, or a part, and compares.
  int Verify(const CookInput& input) {
    const absl::StatusOr<UnitPlan> plan = MakePlan(context_, input, summary_);
    if (!plan.ok()) return Fail(plan.status(), ExitCode::kFailed);
    const std::size_t before = summary_.accused.size();
    const absl::Status verified = VerifyUnits(context_, input, *plan, verify_percent_, summary_);
    if (!verified.ok()) return Fail(verified, ExitCode::kFailed);
    if (summary_.accused.size() == before) return Code(ExitCode::kOk);
    if (remote_ == nullptr) OpenServer().IgnoreError();
    if (remote_ != nullptr) ReportAccused(*remote_, /*may_write=*/false, summary_);
    return Code(ExitCode::kFailed);
  }

  Context& context_;
  const CargoFlags& flags_;
  const CookMode mode_;
  const std::uint32_t verify_percent_;
  std::unique_ptr<RemoteCache> remote_;
  CookSummary summary_;
  bool was_complete_ = false;
  Recipe recipe_;
  std::filesystem::path build_dir_;
};

}  // namespace

CookSummary RunCook(Context& context, const CargoFlags& flags, CookMode mode,
                    std::uint32_t verify_percent) {
  return Cook(context, flags, mode, verify_percent).Run();
}

}  // namespace depcache::client
