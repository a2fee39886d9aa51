// Who may read and write which scope. Pure: callers and names in, verdicts out.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace depcache {

// Scopes are named exactly ("main") or by their beginning ("pr/*").
struct Caller {
  std::string principal;               // "anonymous" where no tokens are used
  std::string instance;                // the only instance it may name
  std::vector<std::string> readable;   // patterns, in the order of look-up
  std::vector<std::string> writable;   // patterns
  bool is_admin = false;               // sees figures of the whole server, evicts what it may read
};

// The caller of a server without tokens: reads and writes `main`. No admin:
// that depends on where the call comes from.
Caller AnonymousCaller();

// True if `scope` matches one of `patterns`.
bool MatchesScope(const std::vector<std::string>& patterns, std::string_view scope);

// Errors: INVALID_ARGUMENT unless `name` is 1 to 200 bytes of [a-zA-Z0-9._/-],
// with no empty, "." or ".." component.
absl::Status CheckScopeName(std::string_view name);

// The scopes a look-up for `scope` goes through: itself, then the exactly
// named scopes the caller may read, in the token's order.
// Errors: PERMISSION_DENIED if the caller may neither read nor write it.
absl::StatusOr<std::vector<std::string>> ReadOrder(const Caller& caller, std::string_view scope);

// Errors: PERMISSION_DENIED, naming principal and scope.
absl::Status CheckWrite(const Caller& caller, std::string_view scope);

}  // namespace depcache
