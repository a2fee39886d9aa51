#include "client/remote/server_address.h"

#include "cache/base/status.h"
#include "cache/base/text.h"

namespace depcache::client {
namespace {

constexpr std::string_view kDefaultPort = ":7450";
constexpr std::size_t kMaxHostBytes = 255;

bool IsLoopbackHost(std::string_view host) {
  return host.starts_with("127.") || host == "localhost" || host == "[::1]";
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
  if (host.empty() || host.size() > kMaxHostBytes ||
      host.find_first_of("/@?# \t,") != std::string_view::npos) {
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
