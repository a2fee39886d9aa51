#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace depcache {

// What `rustc -vV` says. A toolchain's *name* ("stable") moves and is never
// looked at.
struct Toolchain {
  // The whole output, lines trimmed: it is the recipe's part, and Cargo hashes
  // it into every unit too.
  std::string text;
  std::string release;      // "1.95.0"
  std::string host_triple;  // "x86_64-unknown-linux-gnu"
  std::string commit_hash;  // "" if the compiler does not know its own
};

// Thread-safe. Errors: INVALID_ARGUMENT (not the output of `rustc -vV`).
absl::StatusOr<Toolchain> ParseToolchain(std::string_view rustc_verbose_version);

}  // namespace depcache
