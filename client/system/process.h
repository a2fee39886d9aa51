#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache::client {

struct ProcessCommand {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH
  std::filesystem::path cwd;      // empty: ours
  // Changes to our own environment: a value, or nullopt to take it away.
  std::map<std::string, std::optional<std::string>> env;
};

struct ProcessResult {
  int exit_code = 0;  // 128 + n if signal n ended it
  std::string out;
  std::string err;
};

// What to do with the output as it comes. A sink runs on the calling thread.
struct ProcessSinks {
  // Each line of standard output, without its newline.
  std::function<void(std::string_view line)> on_out_line;
  // Standard error in the pieces it was written in.
  std::function<void(std::string_view piece)> on_err;
};

// Runs other programs. The only way cargo and rustc are ever started, so that
// a test can answer for them.
//
// A signal that interrupts us (client/system/interrupt.h) is passed on to the
// program, and the call goes on until the program has ended.
class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;

  // Waits for the end and hands back all output. A non-zero exit code is a
  // result, not an error. Thread-safe.
  // Errors: NOT_FOUND (no such program); RESOURCE_EXHAUSTED (more than 512
  // MiB of output).
  virtual absl::StatusOr<ProcessResult> Run(const ProcessCommand& command) = 0;

  // As Run, with the output to the sinks; where one is empty, that output is
  // ours. The exit code.
  virtual absl::StatusOr<int> Stream(const ProcessCommand& command, const ProcessSinks& sinks) = 0;
};

// The real one.
class PosixProcessRunner final : public ProcessRunner {
 public:
  absl::StatusOr<ProcessResult> Run(const ProcessCommand& command) override;
  absl::StatusOr<int> Stream(const ProcessCommand& command, const ProcessSinks& sinks) override;
};

}  // namespace depcache::client
