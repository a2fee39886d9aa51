#include "cache/cargo/source_url.h"

#include <algorithm>
#include <cstddef>

#include "cache/base/status.h"

namespace depcache {
namespace {

std::string ToLower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace

std::string_view SourceUrl::Host() const {
  const std::string_view all = authority;
  const std::string_view host = all.substr(all.rfind('@') + 1);
  return host.substr(0, host.find(':', host.starts_with('[') ? host.find(']') : 0));
}

absl::StatusOr<SourceUrl> ParseSourceUrl(std::string_view text) {
  const std::size_t separator = text.find("://");
  if (separator == std::string_view::npos || separator == 0) {
    return InvalidArgument("'{}' is not a URL", text);
  }
  const std::string_view rest = text.substr(separator + 3);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  SourceUrl url{std::string(text.substr(0, separator)), std::string(rest.substr(0, slash)),
                std::string(rest.substr(slash))};
  // The web's schemes have a path always; "sparse+https" is none of them.
  if (url.path.empty() && (url.scheme == "https" || url.scheme == "http")) url.path = "/";
  return url;
}

SourceUrl Canonical(SourceUrl url) {
  if (url.path.size() > 1 && url.path.ends_with('/')) url.path.pop_back();
  if (url.Host() == "github.com") {
    url.scheme = "https";
    url.path = ToLower(url.path);
  }
  if (url.path.ends_with(".git")) url.path.resize(url.path.size() - 4);
  return url;
}

}  // namespace depcache
