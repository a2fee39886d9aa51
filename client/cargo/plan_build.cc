#include "client/cargo/plan_build.h"

#include <algorithm>
#include <system_error>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/base/text.h"
#include "client/cargo/wrapper_link.h"
#include "client/system/interrupt.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

// The module's name before and since Cargo 1.99.
constexpr const char* kPlanLog =
    "cargo::core::compiler::fingerprint=debug,cargo::compiler::fingerprint=debug";
constexpr int kFirstMinorWithV2 = 96;

ProcessCommand CargoCommand(const PlanRequest& request) {
  ProcessCommand command;
  command.cwd = request.run_dir;
  command.argv.push_back(request.cargo);
  command.argv.insert(command.argv.end(), request.args.begin(), request.args.end());
  if (!request.manifest_path.empty()) {
    command.argv.emplace_back("--manifest-path");
    command.argv.push_back(request.manifest_path.native());
  }
  return command;
}

absl::StatusOr<std::string> AskUnitGraph(Context& context, const PlanRequest& request) {
  ProcessCommand command = CargoCommand(request);
  command.argv.insert(command.argv.end(), {"--unit-graph", "-Zunstable-options"});
  // For this call alone: a stable cargo prints the graph, and compiles nothing.
  command.env["RUSTC_BOOTSTRAP"] = "1";
  std::string graph;
  ProcessSinks sinks;
  sinks.on_out_line = [&](std::string_view line) { graph += line; };
  // Downloads are shown as they happen.
  sinks.on_err = [&](std::string_view bytes) { context.terminal.PassThrough(bytes); };
  DEPCACHE_ASSIGN_OR_RETURN(const int exit_code, context.processes.Stream(command, sinks));
  if (IsInterrupted()) return Cancelled("interrupted");
  if (exit_code != 0) return FailedPrecondition("cargo cannot plan this build");
  return graph;
}

absl::StatusOr<std::string> RefuseBuild(Context& context, const PlanRequest& request,
                                        const fs::path& scratch) {
  DEPCACHE_ASSIGN_OR_RETURN(const WrapperLink wrapper,
                            WrapperLink::Make(context.self, WrapperPolicy{}));
  ProcessCommand command = CargoCommand(request);
  const std::vector<std::string> use_wrapper = wrapper.CargoArguments();
  command.argv.insert(command.argv.end(), use_wrapper.begin(), use_wrapper.end());
  // Both: with build.build-dir configured, --target-dir alone would leave the
  // refused build in the user's own build directory, where it spoils hash files.
  command.argv.insert(command.argv.end(), {"--target-dir", scratch.native(), "--config",
                                           "build.build-dir=" + TomlString(scratch.native())});
  // The sources are here since the unit graph. Cargo takes the flag only once.
  if (std::find(command.argv.begin(), command.argv.end(), "--offline") == command.argv.end()) {
    command.argv.emplace_back("--offline");
  }
  command.env["CARGO_LOG"] = kPlanLog;
  command.env["RUSTC_WRAPPER"] = std::nullopt;
  command.env["CARGO_BUILD_RUSTC_WRAPPER"] = std::nullopt;
  command.env["CARGO_TERM_COLOR"] = "never";
  command.env["CARGO_TERM_PROGRESS_WHEN"] = "never";
  DEPCACHE_ASSIGN_OR_RETURN(ProcessResult result, context.processes.Run(command));
  if (IsInterrupted()) return Cancelled("interrupted");
  return std::move(result.err);
}

}  // namespace

absl::StatusOr<UnitPlan> PlanBuild(Context& context, const PlanRequest& request) {
  DEPCACHE_ASSIGN_OR_RETURN(const std::string graph, AskUnitGraph(context, request));
  std::error_code error;
  const fs::path temp = fs::temp_directory_path(error);
  if (error) return FromErrno(error.value(), "find the temporary folder");
  DEPCACHE_ASSIGN_OR_RETURN(const ScopedTempDir scratch, ScopedTempDir::Make(temp, "depcache-plan-"));
  DEPCACHE_ASSIGN_OR_RETURN(const std::string log, RefuseBuild(context, request, scratch.path()));
  const fs::path registry_src = request.folders.cargo_home / "registry" / "src";
  const fs::path checkouts = request.folders.cargo_home / "git" / "checkouts";
  std::vector<std::string> directory_packages;
  for (const DirectoryPackage& package : request.folders.directory_packages) {
    directory_packages.push_back(package.root.native());
  }
  absl::StatusOr<UnitPlan> plan =
      MakeUnitPlan({graph, log, scratch.path().native(), registry_src.native(), checkouts.native(),
                    directory_packages});
  if (!plan.ok()) {
    return FailedPrecondition("cargo's plan of this build is not understood: {}",
                              MessageOf(plan.status()));
  }
  if (plan->layout == LayoutKind::kV2 && request.cargo_minor < kFirstMinorWithV2) {
    return FailedPrecondition(
        "cargo 1.{} has an early form of the new build-dir layout, which differs from the one of "
        "later versions; leave -Zbuild-dir-new-layout out, or use cargo 1.96 or later",
        request.cargo_minor);
  }
  return plan;
}

}  // namespace depcache::client
