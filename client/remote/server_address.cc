#include "client/remote/server_address.h"

#include <algorithm>
#include <string>
#include <vector>

#include "cache/base/status.h"
#include "cache/base/text.h"

namespace depcache::client {
namespace {

constexpr std::string_view kDefaultPort = ":7450";
constexpr std::size_t kMaxHostBytes = 255;

// Numbers only: a name such as 127.0.0.1.example.com is anybody's.
bool IsLoopbackIpv4(std::string_view host) {
  const std::vector<std::string> parts = Split(host, '.');
  return parts.size() == 4 && parts[0] == "127" &&
         std::all_of(parts.begin(), parts.end(),
                     [](const std::string& part) { return ParseNumber(part, 255).ok(); });
}

bool IsLoopbackHost(std::string_view host) {
  return IsLoopbackIpv4(host) || host == "localhost" || host == "[::1]";
}

// A name or an IPv4 address, or an IPv6 address in brackets.
bool IsHost(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes) return false;
  if (host.find_first_of("/@?# \t,") != std::string_view::npos) return false;
  const bool is_bracketed = host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const bool has_colon = host.find(':') != std::string_view::npos;
  return is_bracketed == has_colon && host.find_first_of("[]") == std::string_view::npos;
}

}  // namespace

absl::StatusOr<ServerAddress> ParseServerAddress(std::string_view text) {
  ServerAddress address;
  std::string_view rest = Trim(text);
  const std::size_t scheme_end = rest.find("://");
  if (scheme_end != std::string_view::npos) {
    const std::string_view scheme = rest.substr(0, scheme_end);
    if (scheme != "grpc" && scheme != "grpcs") {
      return InvalidArgument("server '{}': the scheme is grpc:// or grpcs:// (TLS)", text);
    }
    address.uses_tls = scheme == "grpcs";
    rest.remove_prefix(scheme_end + 3);
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  // A port follows the last colon, unless that is inside an IPv6 address.
  const std::size_t colon = rest.rfind(':');
  const std::size_t bracket = rest.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  const std::string_view host = has_port ? rest.substr(0, colon) : rest;
  if (!IsHost(host)) {
    return InvalidArgument("server '{}' is not host:port, grpc://host:port or grpcs://host:port",
                           text);
  }
  if (has_port && !ParseNumber(rest.substr(colon + 1), 65'535).ok()) {
    return InvalidArgument("server '{}': the port is not a number up to 65535", text);
  }
  address.target = std::string(rest);
  if (!has_port) address.target += kDefaultPort;
  address.is_loopback = IsLoopbackHost(host);
  return address;
}

}  // namespace depcache::client
