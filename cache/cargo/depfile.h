// What a crate read of its environment when it was compiled, from the text
// dependency file (.d) the compiler writes. Cargo takes over only what it does
// not set itself; the rest (OUT_DIR, CARGO_MANIFEST_DIR) shows that the output
// may depend on where it was made.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace depcache {

struct DepfileVariable {
  std::string name;
  std::optional<std::string> value;  // nullopt: not set
  friend bool operator==(const DepfileVariable&, const DepfileVariable&) = default;
};

// The lines "# env-dep:NAME=value" and "# env-dep:NAME" of rustc's depfile, in
// their order; the rest of the file is skipped.
// Errors: INVALID_ARGUMENT (too large, a malformed escape).
absl::StatusOr<std::vector<DepfileVariable>> ParseEnvDeps(std::string_view depfile);

}  // namespace depcache
