#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <nlohmann/json.hpp>

#include "cache/base/clock.h"
#include "cache/base/status.h"
#include "cache/base/text.h"
#include "cache/cargo/cargo_fingerprint.h"
#include "cache/cargo/sip_hasher.h"
#include "client/cargo/tools.h"
#include "client/commands/commands.h"
#include "client/cook/cook_input.h"

namespace depcache::client {
namespace {

constexpr std::int64_t kMaxClockSkewSeconds = 60;
constexpr std::uintmax_t kLowDiskBytes = 2ULL << 30;

// One thing that was looked at, and what to do if it is not right.
struct Finding {
  std::string what;
  bool is_ok = true;
  std::string detail;
  std::string fix;
};

class DoctorCommand final : public Command {
 public:
  std::string_view name() const override { return "doctor"; }
  std::string_view summary() const override {
    return "Check toolchain, server, token, clock and disk; say how to mend what is wrong";
  }
  std::string_view epilogue() const override {
    return "Exit code: 0 if all is well, 1 if something is not.\n";
  }
  std::vector<Option> options() override {
    return {{"--json", &json_, "Print one JSON object"}};
  }

  int Run(Context& context) override {
    std::vector<Finding> findings;
    CheckTools(context, findings);
    CheckFingerprintHash(findings);
    CheckServer(context, findings);
    CheckDisk(context, findings);
    ListScanRoots(context, findings);
    bool all_ok = true;
    for (const Finding& finding : findings) all_ok = all_ok && finding.is_ok;
    context.terminal.Print(json_ ? Json(findings, all_ok) : Text(findings));
    return static_cast<int>(all_ok ? ExitCode::kOk : ExitCode::kFailed);
  }

 private:
  static void CheckTools(Context& context, std::vector<Finding>& findings) {
    const CompilerChoice compiler = ChooseCompiler(context.environment, {}, {});
    const absl::StatusOr<ToolFacts> tools = AskTools(context, compiler, context.cwd);
    if (!tools.ok()) {
      findings.push_back({"toolchain", false, std::string(MessageOf(tools.status())),
                          "install Rust with rustup, or set CARGO and RUSTC"});
      return;
    }
    findings.push_back({"cargo", true, tools->cargo_version, ""});
    findings.push_back({"rustc", true,
                        tools->rustc_version.substr(0, tools->rustc_version.find('\n')), ""});
    if (!compiler.wrapper.empty()) {
      findings.push_back({"wrapper", compiler.is_wrapper_transparent, compiler.wrapper,
                          "this rustc wrapper is not known to leave outputs alone: what is "
                          "compiled through it is keyed to it and not shared"});
    }
  }

  // A known fingerprint must give its known hash, or relocation is off.
  static void CheckFingerprintHash(std::vector<Finding>& findings) {
    const bool is_right = PathHash("src/main.rs") == 4942398508502643691ULL &&
                          PathHash("/a/./b//c") == 984980798531926045ULL;
    findings.push_back({"fingerprint hash", is_right, is_right ? "matches Cargo's" : "differs",
                        "this build of depcache-client is broken: rebuild it"});
  }

  static void CheckServer(Context& context, std::vector<Finding>& findings) {
    if (context.config.server.empty()) {
      findings.push_back({"server", false, "none is set",
                          "set DEPCACHE_SERVER=host:port, or server = \"…\" in " +
                              ConfigFile(context.environment).native()});
      return;
    }
    const auto remote = context.open_remote(context.config);
    if (!remote.ok()) {
      findings.push_back({"server", false, std::string(MessageOf(remote.status())),
                          "correct DEPCACHE_SERVER"});
      return;
    }
    const auto start = std::chrono::steady_clock::now();
    const absl::StatusOr<ServerInfo> info = (*remote)->GetInfo();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    if (!info.ok()) {
      const bool is_token = info.status().code() == absl::StatusCode::kUnauthenticated;
      findings.push_back({is_token ? "token" : "server", false,
                          std::string(MessageOf(info.status())),
                          is_token ? "set DEPCACHE_TOKEN or DEPCACHE_TOKEN_FILE to a valid token"
                                   : "is depcache-server running there, and reachable?"});
      return;
    }
    findings.push_back({"server", info->speaks_our_protocol && info->knows_our_recipe,
                        fmt::format("{} version {}, answered in {} ms", context.config.server,
                                    info->version, took.count()),
                        "client and server are too far apart in version: update one"});
    findings.push_back(
        {"access", info->can_read,
         fmt::format("{} may {} scope {}", info->principal,
                     info->can_write ? "read and write" : info->can_read ? "read" : "not read",
                     context.config.scope.empty() ? "main" : context.config.scope),
         "ask for a token with rights on this scope, or set DEPCACHE_SCOPE"});
    findings.push_back({"store", true,
                        fmt::format("{} of {} used", FormatBytes(info->stored_bytes),
                                    FormatBytes(info->max_stored_bytes)),
                        ""});
    const std::int64_t skew = info->now_unix_seconds - UnixSeconds(SystemClock().Now());
    findings.push_back({"clock", std::abs(skew) <= kMaxClockSkewSeconds,
                        fmt::format("{} s from the server's", skew),
                        "set the clock: tokens expire by it"});
  }

  static void CheckDisk(const Context& context, std::vector<Finding>& findings) {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(context.cwd, error);
    if (error) return;
    findings.push_back({"disk", space.available >= kLowDiskBytes,
                        fmt::format("{} free here", FormatBytes(space.available)),
                        "make room: a restored target directory can take some gigabytes"});
  }

  static void ListScanRoots(Context& context, std::vector<Finding>& findings) {
    const absl::StatusOr<CookInput> input = LoadCookInput(context, CargoFlags{});
    if (!input.ok()) {
      findings.push_back({"workspace", true, std::string(MessageOf(input.status())), ""});
      return;
    }
    findings.push_back({"workspace", true, input->folders.workspace.native(), ""});
    findings.push_back({"paths looked for", true,
                        fmt::format("{}", fmt::join(input->folders.ScanRoots(), " ")), ""});
  }

  static std::string Text(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
      text += fmt::format("{} {:<17} {}\n", finding.is_ok ? "ok  " : "FAIL", finding.what,
                          finding.detail);
      if (!finding.is_ok) text += fmt::format("     {:<17} -> {}\n", "", finding.fix);
    }
    return text;
  }

  static std::string Json(const std::vector<Finding>& findings, bool all_ok) {
    nlohmann::ordered_json json;
    json["ok"] = all_ok;
    json["findings"] = nlohmann::ordered_json::array();
    for (const Finding& finding : findings) {
      json["findings"].push_back({{"what", finding.what},
                                  {"ok", finding.is_ok},
                                  {"detail", finding.detail},
                                  {"fix", finding.is_ok ? "" : finding.fix}});
    }
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }

  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeDoctorCommand() { return std::make_unique<DoctorCommand>(); }

}  // namespace depcache::client
