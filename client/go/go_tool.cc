#include "client/go/go_tool.h"

#include <nlohmann/json.hpp>

#include "cache/base/status.h"
#include "cache/base/text.h"

namespace depcache::client {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr std::string_view kVersionPrefix = "go version ";
constexpr int kFirstMinor = 17;  // from here on go.mod lists every module a build needs

// "go1.19.8" -> 19; a development version is taken for new enough.
int MinorOf(std::string_view version) {
  constexpr std::string_view kPrefix = "go1.";
  if (!version.starts_with(kPrefix)) return kFirstMinor;
  int minor = 0;
  for (const char c : version.substr(kPrefix.size())) {
    if (c < '0' || c > '9' || minor > 1000) break;
    minor = 10 * minor + (c - '0');
  }
  return minor;
}

// What the C compiler says of itself: enough to tell two of them apart.
std::string CompilerVersion(Context& context, const fs::path& folder, const std::string& cc) {
  const std::vector<std::string> words = Split(cc, ' ');
  if (words.empty() || words[0].empty()) return "";
  std::vector<std::string> argv = words;
  argv.push_back("--version");
  const absl::StatusOr<ProcessResult> result = context.processes.Run({argv, folder, {}});
  if (!result.ok() || result->exit_code != 0) return "";
  return result->out.substr(0, result->out.find('\n'));
}

fs::path FileOrNothing(const std::string& value) {
  return value.empty() || value == "off" || value == "/dev/null" ? fs::path() : fs::path(value);
}

}  // namespace

absl::StatusOr<std::string> OutputOf(Context& context, const ProcessCommand& command) {
  absl::StatusOr<ProcessResult> result = context.processes.Run(command);
  if (result.status().code() == absl::StatusCode::kNotFound) {
    return NotFound("there is no `go` in PATH");
  }
  DEPCACHE_RETURN_IF_ERROR(result.status());
  if (result->exit_code != 0) {
    return FailedPrecondition("`{}` failed: {}",
                              fmt::join(command.argv.begin(), command.argv.begin() + 2, " "),
                              Trim(result->err));
  }
  return std::move(result->out);
}

ProcessCommand GoCommand(const GoSetup& setup, const fs::path& folder,
                         std::vector<std::string> words, const std::vector<std::string>& rest) {
  ProcessCommand command;
  command.argv = {"go"};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.argv.emplace_back("-trimpath");
  if (!setup.tags.empty()) command.argv.push_back("-tags=" + setup.tags);
  command.argv.insert(command.argv.end(), rest.begin(), rest.end());
  command.cwd = folder;
  return command;
}

absl::StatusOr<GoSetup> ReadGoSetup(Context& context, const fs::path& folder,
                                    const std::string& tags) {
  GoSetup setup;
  setup.tags = tags;
  DEPCACHE_ASSIGN_OR_RETURN(const std::string version,
                            OutputOf(context, {{"go", "version"}, folder, {}}));
  setup.environment.version = Trim(version);
  if (!version.starts_with(kVersionPrefix)) {
    return FailedPrecondition("`go version` says '{}'", setup.environment.version);
  }
  setup.environment.version.erase(0, kVersionPrefix.size());
  if (MinorOf(setup.environment.version) < kFirstMinor) {
    return FailedPrecondition("{} is too old: Go 1.{} or later is needed",
                              setup.environment.version, kFirstMinor);
  }
  DEPCACHE_ASSIGN_OR_RETURN(const std::string text,
                            OutputOf(context, {{"go", "env", "-json"}, folder, {}}));
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return FailedPrecondition("`go env -json` printed no object");
  std::map<std::string, std::string>& env = setup.environment.env;
  for (const auto& [name, value] : json.items()) {
    if (value.is_string()) env[name] = value.get<std::string>();
  }
  DEPCACHE_ASSIGN_OR_RETURN(setup.environment.flags, ParseGoFlags(env["GOFLAGS"], tags));
  if (env["CGO_ENABLED"] == "1") {
    setup.environment.cc = CompilerVersion(context, folder, env["CC"]);
  }
  setup.module_cache = env["GOMODCACHE"];
  setup.build_cache = env["GOCACHE"];
  if (!setup.module_cache.is_absolute() || !setup.build_cache.is_absolute()) {
    return FailedPrecondition("GOMODCACHE or GOCACHE is switched off");
  }
  setup.mod_file = FileOrNothing(env["GOMOD"]);
  setup.work_file = FileOrNothing(env["GOWORK"]);
  return setup;
}

}  // namespace depcache::client
