#include "client/cargo/compile.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include "cache/base/hex.h"
#include "cache/base/status.h"
#include "client/cargo/refusal_filter.h"
#include "client/cargo/wrapper_link.h"
#include "client/system/interrupt.h"

namespace depcache::client {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// The compiler of the standard library remapped it to this name already, but a
// machine with its sources installed would map back.
std::pair<std::string, std::string> StdRemap(const CompileRequest& request) {
  return {(request.folders.sysroot / "lib/rustlib/src/rust").native(),
          "/rustc/" + request.rustc_commit};
}

// The path of a file URL, its %20 and the like undone.
std::string DecodeFileUrlPath(std::string_view text) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::optional<std::string> byte =
        text[i] == '%' ? FromHex(Lower(text.substr(i + 1, 2))) : std::nullopt;
    if (byte && byte->size() == 1) {
      path += *byte;
      i += 2;
    } else {
      path += text[i];
    }
  }
  return path;
}

WrapperPolicy PolicyOf(const CompileRequest& request) {
  WrapperPolicy policy;
  policy.mode = WrapperMode::kRefusePackages;
  policy.refused_dirs = request.refused_dirs;
  std::sort(policy.refused_dirs.begin(), policy.refused_dirs.end());
  policy.remaps = request.folders.Remaps();
  if (!request.rustc_commit.empty()) policy.remaps.push_back(StdRemap(request));
  if (!request.user_wrapper.empty()) policy.chain = {request.user_wrapper};
  return policy;
}

}  // namespace

void AddRefused(const UnitPlan& plan, const std::vector<bool>& left_out, CompileRequest& request) {
  std::set<std::string> dirs;
  std::set<std::string> names;
  for (std::size_t i = 0; i < left_out.size(); ++i) {
    if (!left_out[i]) continue;
    const PlannedUnit& unit = plan.units[i];
    names.insert(unit.package.name);
    dirs.insert(unit.package_root);
    // A package may lie deeper in its repository: its folder is one of these.
    std::filesystem::path dir = std::filesystem::path(unit.target.src_path).parent_path();
    for (; dir.has_relative_path() && dir.native().starts_with(unit.package_root);
         dir = dir.parent_path()) {
      dirs.insert(dir.native());
    }
  }
  for (const PlannedUnit& unit : plan.units) {
    if (!unit.is_path_package) continue;
    names.insert(unit.package.name);
    // "path+file:///a/b#name@1.0.0"
    static constexpr std::string_view kScheme = "path+file://";
    std::string_view id = unit.pkg_id;
    if (!id.starts_with(kScheme)) continue;
    id.remove_prefix(kScheme.size());
    dirs.insert(DecodeFileUrlPath(id.substr(0, id.find('#'))));
  }
  request.refused_dirs.assign(dirs.begin(), dirs.end());
  request.refused_names.assign(names.begin(), names.end());
}

absl::StatusOr<CompileResult> CompileDependencies(Context& context,
                                                  const CompileRequest& request) {
  DEPCACHE_ASSIGN_OR_RETURN(const WrapperLink wrapper,
                            WrapperLink::Make(context.self, PolicyOf(request)));
  ProcessCommand command;
  command.cwd = request.run_dir;
  command.argv = {request.cargo};
  const auto add = [&](const std::vector<std::string>& args) {
    command.argv.insert(command.argv.end(), args.begin(), args.end());
  };
  add(request.args);
  if (!request.manifest_path.empty()) add({"--manifest-path", request.manifest_path.native()});
  add(wrapper.CargoArguments());
  add({"--keep-going", "--target-dir", request.folders.target_dir.native()});
  if (request.folders.build_dir != request.folders.target_dir) {
    add({"--config", "build.build-dir=" + TomlString(request.folders.build_dir.native())});
  }
  for (int i = 0; i < request.verbose; ++i) add({"--verbose"});
  if (request.timings) add({"--timings"});
  if (context.config.is_quiet) add({"--quiet"});
  // Variables would win over --config.
  command.env["RUSTC_WRAPPER"] = std::nullopt;
  command.env["CARGO_BUILD_RUSTC_WRAPPER"] = std::nullopt;
  // Leaves the user's own .rustc_info.json alone: ours would name our link.
  command.env["CARGO_CACHE_RUSTC_INFO"] = "0";
  // Somebody who reads Cargo's log himself keeps it as he asked for it.
  if (request.asks_for_reasons && !context.environment.contains("CARGO_LOG")) {
    command.env["CARGO_LOG"] = std::string(kReasonsLog);
  }
  if (context.terminal.options().is_terminal) {
    command.env["CARGO_TERM_PROGRESS_WHEN"] = "always";
    command.env["CARGO_TERM_PROGRESS_WIDTH"] = fmt::format("{}", context.terminal.options().width);
  }
  if (context.terminal.options().has_colour) command.env["CARGO_TERM_COLOR"] = "always";
  CargoReasons reasons([&](std::string_view text) { context.terminal.PassThrough(text); });
  RefusalFilter filter(request.refused_names, [&](std::string_view text) { reasons.Add(text); },
                       request.on_failed);
  ProcessSinks sinks;
  sinks.on_err = [&](std::string_view piece) { filter.Add(piece); };
  DEPCACHE_ASSIGN_OR_RETURN(const int exit_code, context.processes.Stream(command, sinks));
  filter.Finish();
  if (IsInterrupted()) return Cancelled("interrupted");
  return CompileResult{exit_code, filter.saw_refusal() && !filter.saw_real_error(),
                       reasons.stale(), reasons.errors()};
}

}  // namespace depcache::client
