#include "client/cargo/wrapper_policy.h"

#include <algorithm>

#include "cache/base/codec.h"

namespace depcache::client {
namespace {

constexpr std::string_view kMagic = "dcw1";
constexpr std::size_t kMaxTextBytes = 64 << 10;
constexpr std::uint32_t kMaxItems = 100'000;

// A compile of a crate, and not one of Cargo's questions about the compiler,
// which use the crate name "___".
bool IsCompile(std::span<const std::string> args) {
  for (std::size_t i = 0; i + 1 < args.size(); ++i) {
    if (args[i] == "--crate-name") return args[i + 1] != "___";
  }
  return false;
}

}  // namespace

std::string Encode(const WrapperPolicy& policy) {
  Writer writer;
  writer.Raw(kMagic);
  writer.U8(static_cast<std::uint8_t>(policy.mode));
  writer.U32(static_cast<std::uint32_t>(policy.refused_dirs.size()));
  for (const std::string& dir : policy.refused_dirs) writer.String(dir);
  writer.U32(static_cast<std::uint32_t>(policy.remaps.size()));
  for (const auto& [from, to] : policy.remaps) {
    writer.String(from);
    writer.String(to);
  }
  writer.U32(static_cast<std::uint32_t>(policy.chain.size()));
  for (const std::string& word : policy.chain) writer.String(word);
  return writer.Take();
}

absl::StatusOr<WrapperPolicy> DecodeWrapperPolicy(std::string_view bytes) {
  Reader reader(bytes);
  WrapperPolicy policy;
  if (reader.Raw(kMagic.size()) != kMagic) reader.Fail("unknown version");
  const std::uint8_t mode = reader.U8();
  if (mode != 1 && mode != 2) reader.Fail("unknown mode");
  policy.mode = static_cast<WrapperMode>(mode);
  policy.refused_dirs.resize(reader.Count(kMaxItems, 4));
  for (std::string& dir : policy.refused_dirs) dir = reader.String(kMaxTextBytes);
  policy.remaps.resize(reader.Count(kMaxItems, 8));
  for (auto& [from, to] : policy.remaps) {
    from = reader.String(kMaxTextBytes);
    to = reader.String(kMaxTextBytes);
  }
  policy.chain.resize(reader.Count(kMaxItems, 4));
  for (std::string& word : policy.chain) word = reader.String(kMaxTextBytes);
  if (const absl::Status status = reader.Finish("wrapper policy"); !status.ok()) return status;
  return policy;
}

std::optional<std::vector<std::string>> WrapRustc(const WrapperPolicy& policy,
                                                  std::span<const std::string> args,
                                                  std::string_view manifest_dir) {
  const bool is_compile = IsCompile(args);
  if (is_compile && policy.mode == WrapperMode::kRefuseAll) return std::nullopt;
  if (is_compile && std::binary_search(policy.refused_dirs.begin(), policy.refused_dirs.end(),
                                       manifest_dir)) {
    return std::nullopt;
  }
  std::vector<std::string> command = policy.chain;
  command.push_back(args[0]);
  if (is_compile) {
    // Before the other arguments: remaps that the user gives win.
    for (const auto& [from, to] : policy.remaps) {
      command.push_back("--remap-path-prefix");
      command.push_back(from + "=" + to);
    }
  }
  command.insert(command.end(), args.begin() + 1, args.end());
  return command;
}

}  // namespace depcache::client
