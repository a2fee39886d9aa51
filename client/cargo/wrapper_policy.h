// What the client does as Cargo's rustc wrapper. Pure: the policy, an argument
// list and the package's folder in, a verdict out.
//
// While dependencies are compiled or planned, Cargo calls this binary in place
// of rustc (through `--config build.rustc-wrapper`, never by environment: that
// would enter the fingerprints of build scripts which watch RUSTC_WRAPPER).
// It refuses to compile members and other path packages, and adds the path
// remaps which make outputs the same bytes on every machine. Everything else,
// probes above all, goes through unchanged.
//
// Stored form: "dcw1" mode:u8 count:u32 dir:str* count:u32 (from:str to:str)*
// count:u32 word:str*  (cache/base/codec.h). The file `policy` beside the
// symbolic link that Cargo calls.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache::client {

// Exit code of a refused compile; Cargo reports it in its message.
inline constexpr int kRefusedExitCode = 87;

// Name of the symbolic link by which Cargo calls us.
inline constexpr std::string_view kWrapperName = "depcache-rustc-wrapper";

enum class WrapperMode : std::uint8_t {
  kRefuseAll = 1,       // planning: no compile at all
  kRefusePackages = 2,  // building: all but the named folders
};

struct WrapperPolicy {
  WrapperMode mode = WrapperMode::kRefuseAll;
  // Folders of packages (CARGO_MANIFEST_DIR) which are not compiled. Sorted.
  std::vector<std::string> refused_dirs;
  // --remap-path-prefix FROM=TO, shortest FROM first: rustc takes the last
  // that matches.
  std::vector<std::pair<std::string, std::string>> remaps;
  // The user's own wrapper and its arguments, which then runs rustc.
  std::vector<std::string> chain;

  friend bool operator==(const WrapperPolicy&, const WrapperPolicy&) = default;
};

std::string Encode(const WrapperPolicy& policy);
// Errors: INVALID_ARGUMENT.
absl::StatusOr<WrapperPolicy> DecodeWrapperPolicy(std::string_view bytes);

// The command to become, or nullopt to refuse. `args` starts with the rustc
// (or workspace wrapper) that Cargo names; `manifest_dir` is the value of
// CARGO_MANIFEST_DIR, "" if it is not set.
std::optional<std::vector<std::string>> WrapRustc(const WrapperPolicy& policy,
                                                  std::span<const std::string> args,
                                                  std::string_view manifest_dir);

}  // namespace depcache::client
