#include "client/cargo/run_wrapper.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include "cache/base/files.h"
#include "cache/base/status.h"
#include "client/cargo/wrapper_policy.h"

namespace depcache::client {
namespace {

constexpr std::uint64_t kMaxPolicyBytes = 64 << 20;
constexpr int kBrokenExitCode = 88;

int Complain(std::string_view what) {
  std::fprintf(stderr, "depcache rustc wrapper: %.*s\n", static_cast<int>(what.size()),
               what.data());
  return kBrokenExitCode;
}

}  // namespace

bool IsCalledAsWrapper(const char* argv0) {
  return argv0 != nullptr && std::filesystem::path(argv0).filename() == kWrapperName;
}

int RunAsWrapper(int argc, char** argv) {
  const absl::StatusOr<std::string> bytes =
      ReadFile(std::filesystem::path(argv[0]).parent_path() / "policy", kMaxPolicyBytes);
  if (!bytes.ok()) return Complain(MessageOf(bytes.status()));
  const absl::StatusOr<WrapperPolicy> policy = DecodeWrapperPolicy(*bytes);
  if (!policy.ok()) return Complain(MessageOf(policy.status()));
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (args.empty()) return Complain("called without a command");

  const char* dir = std::getenv("CARGO_MANIFEST_DIR");
  auto command = WrapRustc(*policy, args, dir == nullptr ? "" : dir);
  if (!command) return kRefusedExitCode;
  std::vector<char*> pointers;
  for (std::string& word : *command) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execvp(pointers[0], pointers.data());
  return Complain(fmt::format("cannot run {}: {}", (*command)[0], std::strerror(errno)));
}

}  // namespace depcache::client
