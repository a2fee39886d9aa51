#include "client/cargo/git_program.h"

#include <array>

#include "cache/base/status.h"
#include "cache/cargo/git_snapshot.h"

namespace depcache::client {
namespace {

// Variables that would lead git elsewhere.
constexpr std::array<const char*, 7> kGitVariables = {
    "GIT_DIR",        "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_CONFIG_COUNT"};

}  // namespace

absl::StatusOr<std::string> ReadGitCommit(ProcessRunner& processes,
                                          const std::filesystem::path& repository,
                                          const std::string& commit) {
  ProcessCommand command;
  command.argv = {"git", "--git-dir=" + repository.native(), "cat-file", "commit", commit};
  for (const char* name : kGitVariables) command.env[name] = std::nullopt;
  command.env["GIT_CONFIG_NOSYSTEM"] = "1";
  command.env["GIT_CONFIG_GLOBAL"] = "/dev/null";
  command.env["GIT_NO_REPLACE_OBJECTS"] = "1";
  command.env["GIT_NO_LAZY_FETCH"] = "1";
  command.env["GIT_TERMINAL_PROMPT"] = "0";
  absl::StatusOr<ProcessResult> result = processes.Run(command);
  if (result.status().code() == absl::StatusCode::kNotFound) {
    return FailedPrecondition("git packages are shared only where the program git is installed");
  }
  DEPCACHE_RETURN_IF_ERROR(result.status());
  if (result->exit_code != 0 || GitObjectId(GitKind::kCommit, result->out) != commit) {
    return FailedPrecondition("{} does not have the commit {}", repository.native(), commit);
  }
  return std::move(result->out);
}

}  // namespace depcache::client
