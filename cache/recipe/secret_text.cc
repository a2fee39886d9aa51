#include "cache/recipe/secret_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>

#include "cache/base/codec.h"
#include "cache/base/digest.h"

namespace depcache {
namespace {

// Anywhere in a name.
constexpr std::string_view kSecretParts[] = {
    "APIKEY", "AUTHORIZATION", "COOKIE", "CREDENTIAL", "PASSPHRASE",
    "PASSW",  "PRIVATE",       "SECRET", "TOKEN",
};
// Only between underscores: PKG_CONFIG_PATH holds no _PAT.
constexpr std::string_view kSecretWords[] = {"AUTH", "KEY", "PAT", "SESSION", "SIGNATURE"};

// What the large issuers put before their tokens, so that scanners find them.
constexpr std::string_view kTokenPrefixes[] = {
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "AKIA",
    "ASIA", "xox",  "sk-",  "cio",  "eyJ",  "Bearer ",     "Basic ",
};

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) {
    return c == '-' || c == '.' ? '_' : static_cast<char>(std::toupper(c));
  });
  return upper;
}

// The "user:password@" of a URL: where it starts, and how long it is.
struct UserInfo {
  std::size_t start = 0;
  std::size_t size = 0;
};

UserInfo FindUserInfo(std::string_view text, std::size_t from = 0) {
  const std::size_t scheme = text.find("://", from);
  if (scheme == std::string_view::npos) return {};
  const std::size_t start = scheme + 3;
  const std::size_t end = std::min(text.find_first_of("/?# \"'", start), text.size());
  const std::string_view authority = text.substr(start, end - start);
  const std::size_t at = authority.rfind('@');
  // The "git" of ssh://git@host is no secret, and part of the address.
  const bool is_ssh_user = text.substr(0, scheme).ends_with("ssh") &&
                           authority.substr(0, at).find(':') == std::string_view::npos;
  if (at == std::string_view::npos || is_ssh_user) return FindUserInfo(text, end);
  return {start, at + 1};
}

}  // namespace

bool MayBeSecret(std::string_view name, std::string_view value) {
  const std::string words = '_' + Upper(name) + '_';
  for (const std::string_view part : kSecretParts) {
    if (words.find(part) != std::string::npos) return true;
  }
  for (const std::string_view word : kSecretWords) {
    if (words.find('_' + std::string(word) + '_') != std::string::npos) return true;
  }
  for (const std::string_view prefix : kTokenPrefixes) {
    if (value.starts_with(prefix)) return true;
  }
  return FindUserInfo(value).size != 0;
}

std::string ValueDigest(std::string_view name, std::string_view value) {
  Writer writer;
  writer.Raw("depcache.value.v1\n");
  writer.String(name);
  writer.String(value);
  return "sha256:" + HashAs<PartDigest>(writer.bytes()).ToHex();
}

std::string WithoutUserInfo(std::string_view url) {
  std::string clean(url);
  while (true) {
    const UserInfo found = FindUserInfo(clean);
    if (found.size == 0) return clean;
    clean.erase(found.start, found.size);
  }
}

}  // namespace depcache
