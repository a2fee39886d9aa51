// The tools of this machine: which cargo and rustc, and what they say of
// themselves.

#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "client/cargo/config_files.h"
#include "client/context.h"

namespace depcache::client {

// How Cargo is told to call the compiler.
struct CompilerChoice {
  std::string cargo = "cargo";
  std::string rustc = "rustc";
  // Somebody chose it, so it may be a script in a compiler's place.
  bool is_rustc_chosen = false;
  // The user's own wrapper, from RUSTC_WRAPPER, CARGO_BUILD_RUSTC_WRAPPER or
  // configuration; empty if there is none.
  std::string wrapper;
  // It compiles what it is told to: sccache, kache, mbx.
  bool is_wrapper_transparent = true;
};

// As Cargo chooses: RUSTC, RUSTC_WRAPPER (empty: none), then --config, then
// CARGO_BUILD_…, then files. Lists have the lowest precedence first; only
// build.rustc and build.rustc-wrapper are read of them. A path with a slash is
// relative to its file's base.
CompilerChoice ChooseCompiler(const Environment& environment, const std::vector<ConfigText>& files,
                              const std::vector<ConfigText>& options);

struct ToolFacts {
  std::string rustc_version;  // `rustc -vV`
  std::string cargo_version;  // `cargo -V`
  std::filesystem::path sysroot;
  std::string rustc_commit;   // "" if it does not know
  int cargo_minor = 0;        // 95 of 1.95.0
  bool is_nightly_cargo = false;
  // Digest of the compiler's libraries; only where it knows no commit.
  std::string rustc_digest;
};

// Asks cargo and rustc, at once. `cwd` decides which toolchain rustup takes.
// Errors: NOT_FOUND (no cargo or rustc: the message says how to get one);
// FAILED_PRECONDITION (one of them fails: its own words).
absl::StatusOr<ToolFacts> AskTools(Context& context, const CompilerChoice& compiler,
                                   const std::filesystem::path& cwd);

// "libc", "distribution", "cc", "linker", "cpu": what compiled programs take
// from the host. What cannot be found out is "none".
std::map<std::string, std::string> HostFacts(Context& context);

// What pkg-config would find here, for the crate of that name: of each library
// the text of its .pc file, with those it requires. The key is the name as the
// crate has it in variables: "libfoo-2" is LIBFOO_2. Folders are those of all
// PKG_CONFIG_PATH and PKG_CONFIG_LIBDIR variables, then pkg-config's own.
std::map<std::string, std::string> PkgConfigFiles(Context& context);

}  // namespace depcache::client
