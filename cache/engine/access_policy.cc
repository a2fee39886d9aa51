#include "cache/engine/access_policy.h"

#include <algorithm>

#include "cache/base/status.h"

namespace depcache {
namespace {

constexpr std::size_t kMaxScopeBytes = 200;

bool IsScopeByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '/';
}

}  // namespace

Caller AnonymousCaller() { return {"anonymous", "", {"main"}, {"main"}, false}; }

bool MatchesScope(const std::vector<std::string>& patterns, std::string_view scope) {
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
    if (!pattern.ends_with('*')) return pattern == scope;
    pattern.remove_suffix(1);
    return scope.size() > pattern.size() && scope.starts_with(pattern);
  });
}

absl::Status CheckScopeName(std::string_view name) {
  if (name.empty() || name.size() > kMaxScopeBytes ||
      !std::all_of(name.begin(), name.end(), IsScopeByte)) {
    return InvalidArgument("scope '{}' is not 1 to {} letters, digits and '._/-'",
                           name.substr(0, kMaxScopeBytes), kMaxScopeBytes);
  }
  std::size_t pos = 0;
  while (pos <= name.size()) {
    const std::size_t slash = std::min(name.find('/', pos), name.size());
    const std::string_view part = name.substr(pos, slash - pos);
    if (part.empty() || part == "." || part == "..") {
      return InvalidArgument("scope '{}' has a component '{}'", name, part);
    }
    pos = slash + 1;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ReadOrder(const Caller& caller, std::string_view scope) {
  DEPCACHE_RETURN_IF_ERROR(CheckScopeName(scope));
  if (!MatchesScope(caller.readable, scope) && !MatchesScope(caller.writable, scope)) {
    return PermissionDenied("{} may not read scope '{}'", caller.principal, scope);
  }
  std::vector<std::string> order{std::string(scope)};
  for (const std::string& pattern : caller.readable) {
    if (!pattern.ends_with('*') && pattern != scope) order.push_back(pattern);
  }
  return order;
}

absl::Status CheckWrite(const Caller& caller, std::string_view scope) {
  DEPCACHE_RETURN_IF_ERROR(CheckScopeName(scope));
  if (!MatchesScope(caller.writable, scope)) {
    return PermissionDenied("{} may not write scope '{}'", caller.principal, scope);
  }
  return absl::OkStatus();
}

}  // namespace depcache
